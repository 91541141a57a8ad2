import assert from 'node:assert/strict'
import { createServer as createHttpServer } from 'node:http'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { once } from 'node:events'
import { test } from 'node:test'
import { eventually } from '../support/eventually.ts'
import { startSimEngine } from '../support/sim-engine.ts'
import { startTestAgent } from '../support/test-agent.ts'
import type { TestFramework } from '../support/test-framework.ts'

const quick = { delay_seconds: 0, interval_seconds: 0.1, timeout_seconds: 1, grace_period_seconds: 0 }

async function listening (server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

const toldOf = (framework: TestFramework, id: string): unknown[] =>
  (framework.statuses.get(id) ?? []).map(({ state, reason, healthy }) => [state, reason, healthy])

test('a task whose HTTP health check is good is told healthy once; when it fails too often it is killed, and not healthy', async () => {
  let status = 204
  const server = createHttpServer((_, response) => { response.writeHead(status).end() })
  const port = await listening(server)
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe('test', { capabilities: [{ type: 'TASK_KILLING_STATE' }] })
  const health = { type: 'HTTP', http: { port, path: '/health' }, consecutive_failures: 2, ...quick } as const
  const [id = ''] = await framework.launch({ shell: 'sleep 100', info: { health_check: health } })
  await eventually(() => framework.statuses.get(id)?.some(({ healthy }) => healthy === true) ?? false, { reason: 'its health' })
  status = 500
  const end = await framework.end(id)
  const updated = 'REASON_TASK_HEALTH_CHECK_STATUS_UPDATED'
  assert.deepEqual(toldOf(framework, id), [
    ['TASK_STARTING', undefined, undefined], ['TASK_RUNNING', undefined, undefined], ['TASK_RUNNING', updated, true],
    ['TASK_RUNNING', updated, false], ['TASK_RUNNING', updated, false], ['TASK_KILLING', undefined, undefined], ['TASK_KILLED', undefined, false],
  ])
  assert.equal(end.message, 'Container exited with status 143 (SIGTERM); its health check failed 2 times in a row: it answered with status 500')
  assert.equal(await agent.metric('slipway_checks_total{kind="HTTP",outcome="bad"}'), 2)
  server.close()
})

test('a TCP health check that is refused ends the task when its grace is over, and not before', async () => {
  const server = createServer()
  const port = await listening(server)
  server.close()
  await once(server, 'close')
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  const startedAtMs = performance.now()
  const health = { type: 'TCP', tcp: { port }, consecutive_failures: 1, ...quick, grace_period_seconds: 1 } as const
  const end = await framework.run({ shell: 'sleep 100', info: { health_check: health } })
  assert.ok(performance.now() - startedAtMs >= 1000)
  assert.deepEqual([end.state, end.healthy], ['TASK_KILLED', false])
  assert.match(end.message ?? '', /its health check failed once: connect ECONNREFUSED 127\.0\.0\.1:/)
})

test('a COMMAND health check runs in the container, and one that takes too long has failed', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  const check = (value: string, seconds = 20): object => ({ type: 'COMMAND', command: { value }, consecutive_failures: 1, ...quick, timeout_seconds: seconds })
  const [good = '', bad = '', slow = ''] = await framework.launch(
    ...[check('true'), check('exit 9'), check('sleep 20', 0.3)].map(one => ({ shell: 'sleep 100', info: { health_check: one } })))
  assert.match((await framework.end(bad)).message ?? '', /failed once: the command exited with status 9$/)
  assert.match((await framework.end(slow)).message ?? '', /failed once: no answer within 0\.3 s$/)
  await eventually(() => framework.statuses.get(good)?.at(-1)?.healthy === true)
})

test('a check tells each result that is new, with every status, and never ends the task', async () => {
  let status = 200
  const server = createHttpServer((_, response) => { response.writeHead(status).end() })
  const port = await listening(server)
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  const { grace_period_seconds: _none, ...times } = quick
  const [id = ''] = await framework.launch({ shell: 'sleep 100', info: { check: { type: 'HTTP', http: { port }, ...times } } })
  const last = (): number | undefined => framework.statuses.get(id)?.at(-1)?.check_status?.http?.status_code
  await eventually(() => last() === 200)
  status = 503
  await eventually(() => last() === 503)
  await framework.kill(id)
  await framework.end(id)
  const updated = 'REASON_TASK_CHECK_STATUS_UPDATED'
  assert.deepEqual((framework.statuses.get(id) ?? []).map(({ state, reason, check_status: found }) => [state, reason, found?.type, found?.http]), [
    ['TASK_STARTING', undefined, 'HTTP', {}], ['TASK_RUNNING', undefined, 'HTTP', {}], ['TASK_RUNNING', updated, 'HTTP', { status_code: 200 }],
    ['TASK_RUNNING', updated, 'HTTP', { status_code: 503 }], ['TASK_KILLED', undefined, 'HTTP', { status_code: 503 }],
  ])
  server.close()
})

test('a check that cannot be is TASK_ERROR and names its field', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  const end = await framework.run({ shell: 'true', info: { health_check: { type: 'HTTP', http: { port: 80, path: 'health' } } } })
  assert.deepEqual([end.state, end.message], ['TASK_ERROR', "health_check.http.path 'health' must start with '/'"])
})

test('a task that reaches its max_completion_time is killed without grace and FAILED, without TASK_KILLING', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe('test', { capabilities: [{ type: 'TASK_KILLING_STATE' }] })
  const startedAtMs = performance.now()
  const stubborn = "trap '' TERM; while :; do sleep 0.1; done"
  const [id = ''] = await framework.launch({ shell: stubborn, graceMs: 60_000, info: { max_completion_time: { nanoseconds: 5e8 } } })
  const end = await framework.end(id)
  const tookMs = performance.now() - startedAtMs
  assert.ok(tookMs >= 500 && tookMs < 20_000, `${tookMs} ms`)
  assert.deepEqual([end.state, end.reason], ['TASK_FAILED', 'REASON_MAX_COMPLETION_TIME_REACHED'])
  assert.equal(end.message, 'Container exited with status 137 (SIGKILL); it reached its max_completion_time of 0.5 s')
  assert.deepEqual(framework.statuses.get(id)?.map(({ state }) => state), ['TASK_STARTING', 'TASK_RUNNING', 'TASK_FAILED'])
})

test('a task that ends in time keeps its own end', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  const end = await framework.run({ shell: 'exit 3', info: { max_completion_time: { nanoseconds: 60e9 } } })
  assert.deepEqual([end.state, end.reason], ['TASK_FAILED', undefined])
})
