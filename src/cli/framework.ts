import { userInfo } from 'node:os'
import type { IncomingMessage } from 'node:http'
import { AgentError } from '../model/errors.ts'
import { parseJson, printJson, readJson } from '../wire/json.ts'
import type { scheduler, v1 } from '../wire/messages.ts'
import { decodeRecords } from '../wire/record-io.ts'
import { call, open } from './http-client.ts'
import type { Server } from './server.ts'

/** What the master is told of a framework that will be left: it acknowledges for it, and keeps its tasks this long. */
const detached = { name: 'slipway-cli', failover_timeout: 7 * 24 * 3600, labels: { labels: [{ key: 'slipway.detached', value: 'true' }] } }

export interface FrameworkWish { readonly name: string, readonly detach: boolean }

/** A subscription to a scheduler API, ours or a Mesos master's. Disposing it tears the framework down. */
export interface Framework extends AsyncDisposable {
  readonly id: string
  /** What the master says, until the connection ends: then it throws why. */
  events (): AsyncGenerator<scheduler.Event>
  send (call: Omit<scheduler.Call, 'framework_id'>): Promise<void>
  /** Ends the connection; `events` throws the reason. */
  close (reason: Error): void
  /** From here on disposing it leaves its tasks alone. Only where it was subscribed to be left. */
  leave (): void
}

const path = '/api/v1/scheduler'
const answerTimeoutMs = 10_000
const missedHeartbeats = 3

export async function subscribe (server: Server, wish: FrameworkWish, signal: AbortSignal): Promise<Framework> {
  signal.throwIfAborted()
  const life = new AbortController()
  let isLeft = false
  const close = (reason: Error): void => { life.abort(reason) }
  const onLeave = (): void => { life.abort(signal.reason) }
  signal.addEventListener('abort', onLeave, { once: true })
  const silence = startSilenceWatch(answerTimeoutMs, ms => {
    close(new AgentError('AGENT_UNREACHABLE', `${server.url} said nothing for ${ms / 1000} s`))
  })
  const end = (): void => {
    signal.removeEventListener('abort', onLeave)
    silence.end()
    close(new Error('the framework has ended'))
  }
  try {
    const answer = await open(server, { method: 'POST', path, body: subscribeCall(wish) }, life.signal)
    const events = readEvents(server, answer, { signal: life.signal, silence })
    const { value: first } = await events.next() as { value: scheduler.Event }
    const { subscribed } = first
    if (!subscribed) throw new AgentError('AGENT_UNREACHABLE', `${server.url} refused: ${first.error?.message ?? 'no reason given'}`)
    silence.limit((subscribed.heartbeat_interval_seconds ?? 15) * 1000 * missedHeartbeats)
    const send = sender(server, subscribed.framework_id, String(answer.headers['mesos-stream-id'] ?? ''), life.signal)
    return {
      id: subscribed.framework_id.value,
      events: () => events,
      send,
      close,
      leave () { isLeft = true },
      async [Symbol.asyncDispose] () {
        // A closed connection has the same effect, unless it was subscribed to be left.
        if (!isLeft && (wish.detach || !life.signal.aborted)) await send({ type: 'TEARDOWN' }).catch(() => {})
        end()
      },
    }
  } catch (error) {
    end()
    throw error
  }
}

function subscribeCall ({ name, detach }: FrameworkWish): string {
  const framework_info: v1.FrameworkInfo = {
    user: userInfo().username,
    name: `slipway run ${name}`,
    roles: ['*'],
    capabilities: [{ type: 'MULTI_ROLE' }, { type: 'TASK_KILLING_STATE' }, { type: 'RESERVATION_REFINEMENT' }],
    failover_timeout: 0,
    ...(detach && detached),
  }
  return printJson('scheduler.Call', { type: 'SUBSCRIBE', subscribe: { framework_info } })
}

function sender (server: Server, framework_id: v1.FrameworkID, streamId: string, signal: AbortSignal): Framework['send'] {
  return async body => {
    await call(server, {
      method: 'POST',
      path,
      body: printJson('scheduler.Call', { ...body, framework_id }),
      headers: { 'mesos-stream-id': streamId },
    }, signal)
  }
}

async function * readEvents (
  server: Server, answer: IncomingMessage, { signal, silence }: { signal: AbortSignal, silence: SilenceWatch },
): AsyncGenerator<scheduler.Event> {
  try {
    for await (const record of decodeRecords(answer)) {
      silence.heard()
      yield parseJson('scheduler.Event', readJson(record.toString('utf8')))
    }
  } catch (error) {
    throw signal.aborted ? signal.reason : new AgentError('AGENT_UNREACHABLE', `the connection to ${server.url} broke`, {}, error)
  }
  throw signal.aborted ? signal.reason : new AgentError('AGENT_UNREACHABLE', `${server.url} closed the connection`)
}

interface SilenceWatch {
  heard (): void
  limit (ms: number): void
  end (): void
}

/** After a stop (Ctrl-Z, a blocked terminal) the timer comes before what waits in the socket; a second look, a second later, hears that. */
function startSilenceWatch (firstMs: number, onSilence: (ms: number) => void): SilenceWatch {
  const secondLookMs = 1000
  let limitMs = firstMs
  let timer: NodeJS.Timeout | undefined
  const watch = {
    heard () {
      clearTimeout(timer)
      timer = setTimeout(() => { timer = setTimeout(onSilence, secondLookMs, limitMs) }, limitMs)
    },
    limit (ms: number) {
      limitMs = ms
      watch.heard()
    },
    end () { clearTimeout(timer) },
  }
  watch.heard()
  return watch
}
