import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually } from '../support/eventually.ts'
import { startSimEngine, type SimEngine } from '../support/sim-engine.ts'
import { startTestAgent } from '../support/test-agent.ts'
import type { TaskWish } from '../support/test-framework.ts'

const image = 'registry.test/app:3'

/** Its two layers take this long. */
async function slowImage (engine: SimEngine, ms: number): Promise<void> {
  await engine.addRemoteImage(image, { layers: 2, bytes: 8_000_000, chunkMs: ms / 8 })
}

function wishes (count: number): TaskWish[] {
  return Array.from({ length: count }, () => ({ image, shell: 'true' }))
}

async function pulls (engine: SimEngine): ReturnType<SimEngine['calls']> {
  return (await engine.calls()).filter(({ call }) => call === 'pull')
}

test('fifty tasks of one missing image cause one pull, and one of them that is killed does not stop the others', async () => {
  await using engine = await startSimEngine()
  await slowImage(engine, 1_500)
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  const [victim = '', ...others] = await framework.launch(...wishes(50))
  await eventually(async () => (await pulls(engine)).length === 1)
  await framework.kill(victim)
  const { state, message } = await framework.end(victim)
  assert.deepEqual([state, message], ['TASK_KILLED', 'Killed before it ran: pull failed: killed'])
  assert.equal((await engine.images()).includes(image), false, 'it did not wait for the pull')
  for (const id of others) assert.equal((await framework.end(id)).state, 'TASK_FINISHED')
  assert.equal((await pulls(engine)).length, 1)
  assert.equal(await agent.metric('slipway_pulls_total{outcome="ok"}'), 1)
})

test('when all who wait for an image are killed its pull ends, and a later task pulls it anew', async () => {
  await using engine = await startSimEngine()
  await slowImage(engine, 20_000)
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  const ids = await framework.launch(...wishes(5))
  await eventually(async () => (await pulls(engine)).length === 1)
  await Promise.all(ids.map(id => framework.kill(id)))
  for (const id of ids) assert.equal((await framework.end(id)).state, 'TASK_KILLED')
  await eventually(async () => (await pulls(engine)).every(({ isOpen, clientGone }) => !isOpen && clientGone))
  await engine.addRemoteImage(image)
  assert.equal((await framework.run(wishes(1)[0] ?? {})).state, 'TASK_FINISHED')
  assert.equal((await pulls(engine)).length, 2)
})

test('a pull that stalls fails all who wait, and tells the layer, its bytes and the rate', async () => {
  await using engine = await startSimEngine()
  await slowImage(engine, 2_400)
  await using agent = await startTestAgent(engine.socket, { pullStallTimeout: '1s' })
  const framework = await agent.subscribe()
  await engine.fault('pull', 'stall', { afterWrites: 6 })         // two words on layers, then three quarters of the first
  const ids = await framework.launch(...wishes(2))
  const ends = await Promise.all(ids.map(id => framework.end(id)))
  for (const { state, message = '' } of ends) {
    assert.equal(state, 'TASK_FAILED')
    const where = /layer 1 of 2 \([0-9a-f]{12}\) at [246]\.0 of 8\.0 MB, \d+\.\d MB\/s in all/
    assert.match(message, new RegExp(`pull failed: image ${image}: ${where.source}: no progress for 1 s$`))
  }
  assert.equal(await agent.metric('slipway_stage_failures_total{stage="pull",code="STAGE_STALLED"}'), 2)
  await eventually(async () => (await pulls(engine)).every(({ isOpen }) => !isOpen))
})

test('a pull as a whole has a deadline, however well it goes on', async () => {
  await using engine = await startSimEngine()
  await slowImage(engine, 20_000)
  await using agent = await startTestAgent(engine.socket, { pullTimeout: '1500ms', pullStallTimeout: '10m' })
  const framework = await agent.subscribe()
  const { message = '' } = await framework.run(wishes(1)[0] ?? {})
  assert.match(message, /pull failed: image .*layer 1 of 2 .* took over 1.5 s$/)
})

test('an error in the middle of a pull\'s stream is told in the registry\'s words', async () => {
  await using engine = await startSimEngine()
  await slowImage(engine, 80)
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  await engine.fault('pull', 'error-in-stream', { afterWrites: 3, message: 'toomanyrequests: slow down' })
  const { message = '', labels } = await framework.run(wishes(1)[0] ?? {})
  assert.match(message, /toomanyrequests: slow down$/)
  assert.equal(labels?.labels?.[0]?.value, 'PULL_FAILED')
})
