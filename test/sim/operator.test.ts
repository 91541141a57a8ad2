import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually } from '../support/eventually.ts'
import { startSimEngine } from '../support/sim-engine.ts'
import { startTestAgent, type TestAgent } from '../support/test-agent.ts'

type Json = Record<string, unknown>

async function json (agent: TestAgent, path: string): Promise<Json> {
  const { status, text } = await agent.get(path)
  assert.equal(status, 200, text)
  return JSON.parse(text) as Json
}

/** All events from now on, as they come. */
async function listen (agent: TestAgent): Promise<{ readonly events: Json[] } & AsyncDisposable> {
  const gone = new AbortController()
  const answer = await fetch(`${agent.url}/slipway/v1/events`, { headers: { authorization: `Bearer ${agent.token}` }, signal: gone.signal })
  const events: Json[] = []
  const reading = (async () => {
    let rest = ''
    for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
      const lines = (rest + Buffer.from(chunk).toString()).split('\n')
      rest = lines.pop() ?? ''
      events.push(...lines.map(line => JSON.parse(line) as Json))
    }
  })().catch(() => {})
  return { events, async [Symbol.asyncDispose] () { gone.abort(); await reading } }
}

test('the events of a task tell its whole life in order', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  await using listener = await listen(agent)
  await framework.run({ id: 'one', shell: 'exit 3' })
  const { events } = listener
  await eventually(() => events.some(({ to }) => to === 'gone'))
  assert.equal(events[0]?.['type'], 'subscribed')
  assert.deepEqual(events.filter(({ type }) => type === 'container').map(({ to }) => to), ['queued', 'launching', 'running', 'exited', 'gone'])
  assert.deepEqual(events.filter(({ type }) => type === 'task').map(({ state }) => state), ['TASK_STARTING', 'TASK_RUNNING', 'TASK_FAILED'])
  const stages = events.filter(({ type, outcome }) => type === 'stage' && outcome === 'ok')
  assert.deepEqual(stages.map(({ stage }) => stage), ['prepare', 'pull', 'create', 'attach', 'start', 'isolate'])
  assert.ok(stages.every(({ duration_ms: took }) => typeof took === 'number'))
  const about = events.filter(({ type }) => type === 'container' || type === 'stage' || type === 'task')
  assert.ok(about.every(({ task_id: task, framework_id: of }) => task === 'one' && of === framework.frameworkId))
})

test('an engine that goes down and comes back is told once each', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  await using listener = await listen(agent)
  const told = (): unknown[] => listener.events.filter(({ type }) => type === 'engine').map(({ state }) => state)
  await engine.kill()
  await eventually(() => told().length > 0)
  await engine.restart()
  await eventually(() => told().length > 1)
  assert.deepEqual(told(), ['down', 'up'])
})

test('a task whose image is pulled says how far that is', async () => {
  await using engine = await startSimEngine()
  await engine.addRemoteImage('registry.test/slow:1', { layers: 2, bytes: 1_000_000, chunkMs: 200 })
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  const [id = ''] = await framework.launch({ image: 'registry.test/slow:1', shell: 'true' })
  const wait = await eventually(async () => {
    const { waiting_for: [first] = [] } = await json(agent, `/slipway/v1/containers/${id}`) as { waiting_for?: Json[] }
    return first?.['progress'] !== undefined && first
  })
  assert.deepEqual([wait['stage'], wait['outcome']], ['pull', 'running'])
  assert.match(String(wait['text']), /^the image: (layer \d of 2|the registry had sent no layer yet)/)
  await framework.kill(id)
  await framework.end(id)
})

test('a task that could not be launched says why, where, and what to do', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  await framework.run({ id: 'missing', image: 'registry.test/none:1', shell: 'true' })
  const { failure, error_code: code } = await json(agent, '/slipway/v1/containers/missing') as { failure: Json, error_code: string }
  assert.deepEqual([failure['stage'], failure['code'], code], ['pull', 'IMAGE_NOT_FOUND', 'IMAGE_NOT_FOUND'])
  assert.match(String(failure['message']), /manifest unknown/)
  assert.match(String(failure['hint']), /Check name and tag/)
})

test('/state tells a running task with its container, under all its names', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  const [id = ''] = await framework.launch({ shell: 'sleep 100' })
  const { container_status: status } = await framework.until(id, 'TASK_RUNNING')
  for (const path of ['/state', '/state.json', '/state/', '/slave(1)/state', '/slave%281%29/state.json']) {
    const state = await json(agent, path) as { frameworks: Array<{ id: string, executors: Json[] }>, unreserved_resources_allocated: Json }
    assert.equal(state.frameworks[0]?.id, framework.frameworkId, path)
    assert.equal(state.frameworks[0].executors[0]?.['container'], status?.container_id?.value)
    assert.equal(state.unreserved_resources_allocated['cpus'], 0.1)
  }
  await framework.kill(id)
  await framework.end(id)
  await eventually(async () => {
    const { frameworks, completed_frameworks: completed } = await json(agent, '/state') as { frameworks: Json[], completed_frameworks: Json[] }
    assert.deepEqual([frameworks.length, completed.length], [0, 1])
  })
})

test('/flags and /version answer as a Mesos agent, in all methods that it takes', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const { flags } = await json(agent, '/flags') as { flags: Json }
  assert.equal(flags['work_dir'], agent.workDir)
  assert.equal((await json(agent, '/version'))['mesos_version'], '1.11.0')
  assert.equal((await fetch(`${agent.url}/slave%281%29/health`)).status, 200)
  for (const method of ['POST', 'HEAD']) {
    const answer = await fetch(`${agent.url}/flags`, { method, headers: { authorization: `Bearer ${agent.token}` } })
    assert.equal(answer.status, 200, method)
    assert.equal(answer.headers.get('content-type'), 'application/json')
  }
  assert.match((await agent.get('/state?jsonp=cb')).text, /^cb\(\{.*\}\)$/s)
})
