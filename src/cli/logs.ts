import type { Writable } from 'node:stream'
import { delay } from '../base/deadline.ts'
import { isLaunching, type ContainerReport } from './container-report.ts'
import { findContainer } from './containers.ts'
import { followLog, OutputClosed } from './follow-log.ts'
import { call } from './http-client.ts'
import { jsonLines } from './json-lines.ts'
import { findServer, type Server, type ServerOptions } from './server.ts'

export interface LogsOptions extends ServerOptions {
  readonly follow?: boolean
  readonly stdout?: boolean
  readonly stderr?: boolean
  readonly tail?: number
  readonly framework?: string
  readonly json?: boolean
}

const lookMs = 250

/** `slipway logs`: both streams side by side, each to ours. */
export async function logs (task: string, options: LogsOptions): Promise<number> {
  const { stdout, stderr, follow = false, tail, json = false, framework } = options
  const server = findServer(options)
  const container = await findContainer(server, { task, framework })
  if (follow) await untilItCanWrite(server, container)
  const { container_id: containerId } = container
  const both = stdout === stderr
  const wanted = (['stdout', 'stderr'] as const).filter(stream => both || options[stream] === true)
  const never = new AbortController().signal
  const copies = wanted.map(async stream => {
    const to: Writable = json ? jsonLines(stream, process.stdout) : process[stream]
    try {
      await followLog({ server, containerId, stream, follow, tail }, to, never).done
      if (json) await ended(to)
    } catch (error) {
      // Nobody reads on: that is no fault of the log.
      if (!(error instanceof OutputClosed)) throw error
    }
  })
  await Promise.all(copies)
  return 0
}

/** A launch that waits in a queue has no log to be followed yet. */
async function untilItCanWrite (server: Server, container: ContainerReport): Promise<void> {
  const path = `/slipway/v1/containers/${encodeURIComponent(container.container_id)}`
  for (let report = container; isLaunching(report); report = await call(server, { method: 'GET', path }) as ContainerReport) {
    if (report.stages.some(({ stage, outcome }) => stage === 'prepare' && outcome === 'ok')) return
    await delay(lookMs)
  }
}

function ended (stream: Writable): Promise<void> {
  return new Promise(resolve => { stream.end(resolve) })
}
