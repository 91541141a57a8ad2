import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { test, type TestContext } from 'node:test'
import { eventHub, type EventHub } from '../../../src/base/event-hub.ts'
import { silentLog } from '../../../src/base/log.ts'
import { startDoor } from '../../../src/door/start-door.ts'
import type { AgentEvent } from '../../../src/model/agent-event.ts'
import { eventRoutes } from '../../../src/operator/event-routes.ts'
import { eventually } from '../../support/eventually.ts'

interface Watched extends EventHub<AgentEvent> { readonly listening: number }

/** A hub that knows how many listen. */
function watchedHub (): Watched {
  const hub = eventHub<AgentEvent>()
  let listening = 0
  return {
    tell: hub.tell,
    listen (listener) {
      listening++
      const leave = hub.listen(listener)
      return () => { listening--; leave() }
    },
    get listening () { return listening },
  }
}

interface Opened {
  readonly hub: Watched
  readonly port: number
  lines (): AsyncGenerator<Record<string, unknown>>
  close (): Promise<void>
}

async function open (t: TestContext, heartbeatMs = 60_000): Promise<Opened> {
  const hub = watchedHub()
  const door = await startDoor({
    ip: '127.0.0.1', port: 0, token: undefined, openPaths: [], log: silentLog,
    routes: app => { eventRoutes(app, { events: hub, agentId: () => 'S0', log: silentLog, heartbeatMs }) },
  })
  door.ready = true
  t.after(() => door.close())
  return { hub, port: door.port, lines: () => linesOf(`${door.url}/slipway/v1/events`), close: () => door.close() }
}

async function * linesOf (url: string): AsyncGenerator<Record<string, unknown>> {
  const answer = await fetch(url)
  assert.equal(answer.headers.get('content-type'), 'application/x-ndjson')
  let rest = ''
  for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
    const lines = (rest + Buffer.from(chunk).toString()).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) yield JSON.parse(line) as Record<string, unknown>
  }
}

const withoutTime = ({ time, ...rest }: Record<string, unknown>): object => {
  assert.match(String(time), /^\d{4}-.*Z$/)
  return rest
}

test('a reader hears what happens from then on, a line each', async t => {
  const { hub, lines } = await open(t)
  const reader = lines()
  const next = async (): Promise<object> => withoutTime((await reader.next()).value as Record<string, unknown>)
  const ids = { containerId: 'c', taskId: 't', frameworkId: 'f' }
  const told = { container_id: 'c', task_id: 't', framework_id: 'f' }
  assert.deepEqual(await next(), { type: 'subscribed', agent_id: 'S0' })
  hub.tell({ kind: 'container', ...ids, from: undefined, to: 'queued' })
  hub.tell({ kind: 'container', ...ids, from: 'queued', to: 'launching' })
  hub.tell({ kind: 'stage', ...ids, stage: 'pull', outcome: 'queued', queueMs: 0, durationMs: 0 })
  hub.tell({ kind: 'stage', ...ids, stage: 'pull', outcome: 'ok', queueMs: 1.26, durationMs: 20 })
  hub.tell({ kind: 'task', ...ids, state: 'TASK_FAILED', reason: 'REASON_TASK_INVALID', message: 'two\nlines' })
  hub.tell({ kind: 'engine', condition: 'hung' })
  assert.deepEqual(await next(), { type: 'container', ...told, to: 'queued' })
  assert.deepEqual(await next(), { type: 'container', ...told, from: 'queued', to: 'launching' })
  assert.deepEqual(await next(), { type: 'stage', ...told, stage: 'pull', outcome: 'queued' })
  assert.deepEqual(await next(), { type: 'stage', ...told, stage: 'pull', outcome: 'ok', queue_ms: 1.3, duration_ms: 20 })
  assert.deepEqual(await next(), { type: 'task', ...told, state: 'TASK_FAILED', reason: 'REASON_TASK_INVALID', message: 'two\nlines' })
  assert.deepEqual(await next(), { type: 'engine', state: 'hung' })
  await reader.return(undefined)
  await eventually(() => hub.listening === 0)
})

test('a quiet stream has heartbeats', async t => {
  const { lines } = await open(t, 10)
  const reader = lines()
  await reader.next()
  assert.deepEqual(withoutTime((await reader.next()).value as Record<string, unknown>), { type: 'heartbeat' })
  await reader.return(undefined)
})

test('a reader that does not read is cut off, and nobody waits for it', async t => {
  const { hub, port } = await open(t)
  const socket = connect(port, '127.0.0.1')
  t.after(() => { socket.destroy() })
  socket.on('error', () => {})
  socket.write('GET /slipway/v1/events HTTP/1.1\r\nHost: x\r\n\r\n')
  await eventually(() => hub.listening === 1)
  const message = 'x'.repeat(100_000)
  await eventually(() => {
    hub.tell({ kind: 'task', containerId: 'c', taskId: 't', frameworkId: 'f', state: 'TASK_RUNNING', reason: undefined, message })
    return hub.listening === 0
  }, { everyMs: 5 })
})

test('closing the door ends the streams', async t => {
  const { hub, lines, close } = await open(t)
  const reader = lines()
  await reader.next()
  await close()
  assert.equal((await reader.next()).done, true)
  assert.equal(hub.listening, 0)
})
