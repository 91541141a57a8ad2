import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually } from '../support/eventually.ts'
import { newTally } from '../support/mesos-master/compare.ts'
import { differences } from '../support/mesos-master/differences.ts'
import { adapt, agentOf, beginAt, freePort, recordedImages, recordedSettings, startExecutor } from '../support/mesos-master/recorded-ground.ts'
import { Replay, type ReplayOptions } from '../support/mesos-master/replay.ts'
import { TestMaster } from '../support/mesos-master/test-master.ts'
import { startOwnAgent, type OwnAgent } from '../support/own-agent.ts'
import { startSimEngine, type SimEngine } from '../support/sim-engine.ts'
import { startTestAgent, type TestAgent } from '../support/test-agent.ts'
import { recordedScenario, type WireLine } from '../unit/wire/recorded-wire.ts'

const tally = newTally()
/** The agent asks once only, however long the test takes to answer. */
const unhurried = { registrationBackoffFactor: '3s' }
const scenario = (name: string): WireLine[] => recordedScenario('wire', `${name}.jsonl`)

interface Ground extends AsyncDisposable { readonly engine: SimEngine, readonly master: TestMaster, readonly agent: TestAgent, readonly replay: Replay }

/** An agent that is registered, as it was at the first line, unless the recording begins with that. */
async function openGround (lines: readonly WireLine[], isFresh: boolean, options: Partial<ReplayOptions> = {}): Promise<Ground> {
  const engine = await startSimEngine({ images: recordedImages })
  const master = await TestMaster.start({ answers: !isFresh, acknowledges: false })
  master.agentId = agentOf(lines)
  const agent = await startTestAgent(engine.socket, { ...recordedSettings, master: master.address, ...(isFresh && unhurried) })
  const replay = new Replay(master, { differences, tally, adapt, ...options })
  if (!isFresh) await beginAt(lines, replay, master)
  return {
    engine, master, agent, replay,
    async [Symbol.asyncDispose] () {
      master.acknowledges = true
      await agent[Symbol.asyncDispose]()
      await master[Symbol.asyncDispose]()
      await engine[Symbol.asyncDispose]()
    },
  }
}

for (const [name, isFresh] of [
  ['a_registration_ping_pong', true], ['b_host_exit0', false], ['c_exit3', false], ['d_bridge_full_kill', false], ['f_image_missing', false],
  ['g_teardown_running', false], ['j_reconcile', false],
] as const) {
  test(`what a master and its agent said is said again: ${name}`, async () => {
    const lines = scenario(name)
    await using ground = await openGround(lines, isFresh)
    await ground.replay.play(lines)
    assert.deepEqual(ground.replay.surplus(), [])
  })
}

test('what a master and its agent said is said again: e_custom_executor', async () => {
  const lines = scenario('e_custom_executor')
  let isStarted = false
  await using ground = await openGround(lines, false, {
    async before (line) {
      if (line.direction === 'master->agent' || isStarted) return
      isStarted = true
      await startExecutor(ground.engine, 'exec-main')
    },
  })
  await ground.replay.play(lines)
  assert.deepEqual(ground.replay.surplus(), [])
})

test('what a master and its agent said is said again: h_agent_restart_checkpoint, the agent killed with SIGKILL', async () => {
  const lines = scenario('h_agent_restart_checkpoint')
  await using engine = await startSimEngine({ images: recordedImages })
  await using master = await TestMaster.start({ acknowledges: false })
  master.agentId = agentOf(lines)
  await using agent = await startOwnAgent(engine.socket, { ...recordedSettings, master: master.address, port: await freePort(), ...unhurried })
  let isStarted = false
  const replay = new Replay(master, {
    differences, tally, adapt,
    async before (line) {
      if (line.direction !== 'master->agent' && !isStarted) { isStarted = true; await startExecutor(engine, 'exec-recover') }
      if (line.message !== 'mesos.internal.ReregisterSlaveMessage') return
      await allIsWritten(agent)
      await agent.kill('SIGKILL')
      const ends = await nameOf(engine, 'task-h2')
      await engine.exit(ends, 0)
      await agent.start()
    },
  })
  await beginAt(lines, replay, master)
  await replay.play(lines)
  assert.deepEqual(replay.surplus(), [])
})

test('what a master and its agent said is said again: i_master_restart', async () => {
  const lines = scenario('i_master_restart')
  await using engine = await startSimEngine({ images: recordedImages })
  const first = await TestMaster.start({ acknowledges: false })
  first.agentId = agentOf(lines)
  await using agent = await startTestAgent(engine.socket, { ...recordedSettings, master: first.address, ...unhurried })
  const replay = new Replay(first, { differences, tally, adapt })
  await beginAt(lines, replay, first)
  await replay.play(lines.slice(0, 12))
  await first[Symbol.asyncDispose]()
  await engine.exit(await nameOf(engine, 'task-i2'), 0)
  await eventually(async () => await agent.metric('slipway_master_registered') === 0 && await agent.metric('slipway_status_updates_pending') === 1)
  // Lines 13 to 15 are updates to nobody: the recorded agent repeated them until it missed the pings, ours has seen that the connection ended.
  await using second = await TestMaster.start({ port: first.peer.pid.port, answers: false, acknowledges: false })
  second.agentPid = first.agentPid
  replay.turnTo(second)
  await replay.play(lines.slice(15))
  assert.deepEqual(replay.surplus(), [])
})

test('what a master and its agent said is said again: m_agent_unregister_sigusr1', async () => {
  const lines = scenario('m_agent_unregister_sigusr1')
  await using engine = await startSimEngine()
  await using master = await TestMaster.start()
  master.agentId = agentOf(lines)
  await using agent = await startOwnAgent(engine.socket, { ...recordedSettings, master: master.address })
  const replay = new Replay(master, { differences, tally })
  await beginAt(lines, replay, master)
  const ended = agent.kill('SIGUSR1')
  await replay.play(lines)
  assert.equal(await ended, 0)
  const before = master.of('internal.RegisterSlaveMessage').length
  await agent.start()
  await eventually(() => master.of('internal.RegisterSlaveMessage').length > before, { reason: 'a registration as a new agent' })
})

test('an agent that is marked gone ends, and is another one when it is started again: l8_marked_gone_then_reregister', async () => {
  const lines = scenario('l8_marked_gone_then_reregister')
  await using engine = await startSimEngine()
  await using master = await TestMaster.start({ answers: false })
  await using agent = await startOwnAgent(engine.socket, { ...recordedSettings, master: master.address, registrationBackoffFactor: '300ms' })
  const replay = new Replay(master, { differences, tally })
  await eventually(() => master.of('internal.RegisterSlaveMessage').length > 0)
  await replay.play(lines.slice(1, 5))
  await eventually(() => agent.hasEnded(), { reason: 'the end of an agent that is gone' })
  master.gone.add(agentOf(lines) ?? '')
  await agent.start()
  const before = master.of('internal.RegisterSlaveMessage').length
  await eventually(() => master.of('internal.RegisterSlaveMessage').length > before, { reason: 'a registration as a new agent' })
})

/** What was acknowledged is written down soon after, or told again. */
async function allIsWritten (agent: OwnAgent): Promise<void> {
  let before = -1
  await eventually(async () => {
    const now = await agent.metric('slipway_checkpoint_records_total')
    const isSame = now === before
    before = now
    return isSame
  }, { everyMs: 300 })
}

async function nameOf (engine: SimEngine, taskId: string): Promise<string> {
  return await eventually(async () => (await engine.containers()).find(({ labels }) => labels['slipway.task'] === taskId)?.name ?? false)
}

test('of all that was compared, nothing differs but what is listed', t => {
  const compared = tally.equal + tally.allowed + tally.faults.length
  const share = (100 * tally.equal / compared).toFixed(1)
  t.diagnostic(`${compared} fields compared: ${tally.equal} equal (${share} %), ${tally.allowed} allowed to differ; ${tally.untold} of the past untold`)
  assert.deepEqual(tally.faults, [])
  assert.ok(tally.equal > 1000)
  const unused = differences.filter(difference => !tally.used.has(difference)).map(({ message, path }) => `${message} ${path}`)
  assert.deepEqual(unused, [])
  assert.ok(differences.length <= 30)
})
