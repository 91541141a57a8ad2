import type { IncomingMessage } from 'node:http'
import { AgentError } from '../model/errors.ts'
import { parseJson, printJson, readJson } from '../wire/json.ts'
import type { scheduler, v1 } from '../wire/messages.ts'
import { decodeRecords } from '../wire/record-io.ts'
import { call, open, Redirected } from './http-client.ts'
import type { Server } from './server.ts'
import { startSilenceWatch, type SilenceWatch } from './silence-watch.ts'

/** One connection to a scheduler API, ours or a Mesos master's. */
export interface Subscription {
  readonly subscribed: scheduler.Event_Subscribed
  /** What the master says after that, until the connection ends: then it throws why. */
  events (): AsyncGenerator<scheduler.Event>
  /** `ownSignal`: in place of the connection's own. */
  send (call: Omit<scheduler.Call, 'framework_id'>, ownSignal?: AbortSignal): Promise<void>
  /** `events` throws the reason. */
  close (reason: Error): void
}

/** The master answers, and does not want us: to ask again is in vain. */
export class Refused extends AgentError {
  constructor (server: Server, reason: string) { super('AGENT_UNREACHABLE', `${server.url} refused: ${reason}`) }
}

const path = '/api/v1/scheduler'
const answerTimeoutMs = 10_000
const missedHeartbeats = 3
const mostRedirections = 5

/** Subscribes at the master that leads, anew or, where the framework has an id, again. The connection ends with the signal. */
export async function openSubscription (server: Server, framework_info: v1.FrameworkInfo, signal: AbortSignal): Promise<Subscription> {
  signal.throwIfAborted()
  const asked = server.leader ? { ...server, url: await server.leader(signal) } : server
  const life = new AbortController()
  const onLeave = (): void => { life.abort(signal.reason) }
  signal.addEventListener('abort', onLeave, { once: true })
  const silence = startSilenceWatch(answerTimeoutMs, ms => {
    life.abort(new AgentError('AGENT_UNREACHABLE', `${asked.url} said nothing for ${ms / 1000} s`))
  })
  const end = (): void => {
    signal.removeEventListener('abort', onLeave)
    silence.end()
    life.abort(new Error('the connection has ended'))
  }
  try {
    const [at, answer] = await openAtLeader(asked, subscribeCall(framework_info), life.signal)
    const events = readEvents(at, answer, { signal: life.signal, silence, end })
    const { value: first } = await events.next() as { value: scheduler.Event }
    const { subscribed } = first
    if (!subscribed) throw new Refused(at, first.error?.message ?? 'no reason given')
    silence.limit((subscribed.heartbeat_interval_seconds ?? 15) * 1000 * missedHeartbeats)
    const send = sender(at, subscribed.framework_id, String(answer.headers['mesos-stream-id'] ?? ''), signal)
    return { subscribed, events: () => events, send, close: reason => { life.abort(reason) } }
  } catch (error) {
    end()
    throw error
  }
}

/** The answer, and whose it is: a master that does not lead sends us to the one that does. */
async function openAtLeader (server: Server, body: string, signal: AbortSignal): Promise<[Server, IncomingMessage]> {
  let at = server
  for (let left = mostRedirections; ; left--) {
    try {
      return [at, await open(at, { method: 'POST', path, body }, signal)]
    } catch (error) {
      if (!(error instanceof Redirected) || left === 0) throw error
      at = { ...at, url: error.location.href.replace(/\/api\/v1\/scheduler$/, '') }
    }
  }
}

function subscribeCall (framework_info: v1.FrameworkInfo): string {
  const { id } = framework_info
  return printJson('scheduler.Call', { type: 'SUBSCRIBE', ...id && { framework_id: id }, subscribe: { framework_info } })
}

function sender (server: Server, framework_id: v1.FrameworkID, streamId: string, signal: AbortSignal): Subscription['send'] {
  return async (body, ownSignal = signal) => {
    await call(server, {
      method: 'POST',
      path,
      body: printJson('scheduler.Call', { ...body, framework_id }),
      headers: { 'mesos-stream-id': streamId },
    }, ownSignal)
  }
}

interface Reading { readonly signal: AbortSignal, readonly silence: SilenceWatch, readonly end: () => void }

async function * readEvents (server: Server, answer: IncomingMessage, { signal, silence, end }: Reading): AsyncGenerator<scheduler.Event> {
  const reason = (ours: AgentError): Error => signal.aborted ? signal.reason as Error : ours
  try {
    for await (const record of decodeRecords(answer)) {
      silence.heard()
      yield parseJson('scheduler.Event', readJson(record.toString('utf8')))
    }
    throw reason(new AgentError('AGENT_UNREACHABLE', `${server.url} closed the connection`))
  } catch (error) {
    if (error instanceof AgentError && error.code === 'AGENT_UNREACHABLE') throw error
    throw reason(new AgentError('AGENT_UNREACHABLE', `the connection to ${server.url} broke`, {}, error))
  } finally {
    end()
  }
}
