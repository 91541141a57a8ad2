import type { Writable } from 'node:stream'
import { delay } from '../base/deadline.ts'
import { AgentError } from '../model/errors.ts'
import { write, type LogFollower } from './follow-log.ts'
import { callText } from './http-client.ts'
import type { Server } from './server.ts'

/** A file in the sandbox of a task, at the agent that runs it: Mesos's, or ours in a cluster. */
export interface FileSource {
  readonly agent: Server
  readonly path: string
  /** Called before bytes are written. */
  readonly onBytes?: () => void
}

/** What an agent gives at a time. */
const chunkBytes = 64 * 1024
const firstPollMs = 100
const longestPollMs = 1000
/** An agent may be restarted, or out of reach for a while. */
const patienceMs = 30_000
/** After the end of the task: what an agent still carries comes in this time, and what cannot be had is given up after the other. */
const quietMs = 1000
const lastMs = 10_000

/** Copies a file, byte for byte, as it grows: by asking for what is behind the last byte. */
export function followFile (source: FileSource, to: Writable, signal: AbortSignal): LogFollower {
  const progress: Progress = { offset: 0, heardMs: performance.now(), grownMs: performance.now(), hurriedMs: undefined, poke: new AbortController() }
  let endedAt: number | undefined
  const done = copy(source, to, { signal, progress }).then(() => { endedAt = progress.offset })
  done.catch(() => {})
  return {
    done,
    hurry () {
      progress.hurriedMs ??= performance.now()
      progress.poke.abort()
    },
    endedAt: () => endedAt,
  }
}

interface Progress {
  offset: number
  /** When the agent answered last, and when there was something new. */
  heardMs: number
  grownMs: number
  hurriedMs: number | undefined
  /** Ends a wait before its time. */
  readonly poke: AbortController
}

async function copy (source: FileSource, to: Writable, { signal, progress }: { signal: AbortSignal, progress: Progress }): Promise<void> {
  for (let waitMs = firstPollMs; ; waitMs = Math.min(waitMs * 2, longestPollMs)) {
    const chunk = await readOn(source, progress, signal)
    if (chunk.length > 0) {
      source.onBytes?.()
      await write(to, chunk)
      progress.offset += chunk.length
      progress.grownMs = performance.now()
      waitMs = firstPollMs / 2
      continue
    }
    if (isOver(progress)) return
    await delay(waitMs, progress.hurriedMs === undefined ? progress.poke.signal : signal).catch(() => { signal.throwIfAborted() })
  }
}

function isOver ({ hurriedMs, grownMs, heardMs }: Progress): boolean {
  return hurriedMs !== undefined && heardMs - Math.max(hurriedMs, grownMs) > quietMs
}

/** Nothing: there is no more yet, or the agent does not answer at the moment. */
async function readOn ({ agent, path }: FileSource, progress: Progress, signal: AbortSignal): Promise<Buffer> {
  const query = new URLSearchParams({ path, offset: String(progress.offset), length: String(chunkBytes) })
  try {
    const text = await callText(agent, { method: 'GET', path: `/files/read?${query.toString()}` }, { signal, encoding: 'latin1' })
    progress.heardMs = performance.now()
    return dataOf(agent, text)
  } catch (error) {
    signal.throwIfAborted()
    if (!mayComeBack(error) || isTooLate(progress)) throw AgentError.wrap(error, `the output ${path} cannot be had`)
    return Buffer.alloc(0)
  }
}

/** Before its container is made a task has no sandbox. */
function mayComeBack (error: unknown): boolean {
  return error instanceof AgentError && (error.code === 'AGENT_UNREACHABLE' || error.code === 'NOT_FOUND')
}

function isTooLate ({ hurriedMs, heardMs, offset }: Progress): boolean {
  const now = performance.now()
  if (hurriedMs !== undefined) return now - hurriedMs > (offset === 0 ? quietMs * 2 : lastMs)
  return offset > 0 && now - heardMs > patienceMs
}

/** Bytes that are no text stand in the answer as they are: it was read a byte a character. */
function dataOf (agent: Server, text: string): Buffer {
  try {
    const { data } = JSON.parse(text) as { data: unknown }
    if (typeof data === 'string') return Buffer.from(data, 'latin1')
  } catch { /* as below */ }
  throw new AgentError('INTERNAL', `${agent.url} does not answer as a Mesos agent does`)
}
