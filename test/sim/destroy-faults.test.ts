import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { eventually } from '../support/eventually.ts'
import { shortDeadlines, startFaultGround, type FaultGround } from '../support/fault-ground.ts'
import { startSimEngine } from '../support/sim-engine.ts'
import { startTestAgent } from '../support/test-agent.ts'
import type { CallName } from './engine/call-names.ts'
import type { FaultKind, FaultOptions } from './engine/faults.ts'

const byTerm = /^Container exited with status 143 \(SIGTERM\)$/
const byKill = /^Container exited with status 137 \(SIGKILL\)$/
/** The removal by force kills as well; whether anybody sees the status before the container is gone is chance. */
const byForce = /^Container exited with status 137 \(SIGKILL\)$|^Killed; nobody saw the exit status of its container, which the engine has removed$/
const unseen = /^Killed; nobody saw/

/** A fault that a kill meets, how often, and how the task ends all the same. */
interface Row {
  readonly call: CallName
  readonly how: FaultKind
  readonly options?: FaultOptions
  readonly told: string
  readonly message: RegExp
  /** Else one that a busy machine lets pass before a second try. */
  readonly graceMs?: number
}

const once: FaultOptions = { times: 1 }
const twice: FaultOptions = { times: 2 }
const thrice: FaultOptions = { times: 3 }
const after1 = { times: 1, when: 'after' } as const
/** After its deadline, and after what takes its place. */
const tooLate = { times: 1, ms: 1_500 }

const rows: readonly Row[] = [
  { call: 'kill', how: 'refuse', options: once, told: 'SIGTERM is refused', message: byTerm, graceMs: 30_000 },
  { call: 'kill', how: 'refuse', options: after1, told: 'SIGTERM is refused although it was sent', message: byTerm },
  { call: 'kill', how: 'hang', options: once, told: 'SIGTERM hangs', message: byTerm, graceMs: 30_000 },
  { call: 'kill', how: 'hang', options: once, told: 'SIGTERM hangs longer than the grace', message: byKill },
  { call: 'kill', how: 'hang', options: after1, told: 'SIGTERM is sent and not answered', message: byTerm },
  { call: 'kill', how: 'drop', options: once, told: 'the connection breaks before SIGTERM is sent', message: byTerm, graceMs: 30_000 },
  { call: 'kill', how: 'drop', options: after1, told: 'the connection breaks after SIGTERM is sent', message: byTerm },
  { call: 'kill', how: 'late', options: once, told: 'SIGTERM is late', message: byTerm },
  { call: 'kill', how: 'late', options: tooLate, told: 'SIGTERM comes when the container is gone', message: byKill },
  { call: 'kill', how: 'refuse', told: 'both signals are refused', message: byForce },
  { call: 'kill', how: 'hang', told: 'both signals hang', message: byForce },
  { call: 'kill', how: 'drop', options: thrice, told: 'the connection breaks at SIGTERM, and at SIGKILL twice', message: byKill },
  { call: 'kill', how: 'drop', told: 'the connection breaks at both signals', message: byForce },
  { call: 'remove', how: 'refuse', options: twice, told: 'the removal is refused', message: byTerm },
  { call: 'remove', how: 'refuse', options: after1, told: 'the removal is refused although it was done', message: byTerm },
  { call: 'remove', how: 'hang', options: once, told: 'the removal hangs', message: byTerm },
  { call: 'remove', how: 'hang', options: after1, told: 'the removal is done and not answered', message: byTerm },
  { call: 'remove', how: 'drop', options: twice, told: 'the connection breaks before the removal', message: byTerm },
  { call: 'remove', how: 'drop', options: after1, told: 'the connection breaks after the removal', message: byTerm },
  { call: 'remove', how: 'late', options: once, told: 'the removal is late', message: byTerm },
  { call: 'remove', how: 'late', options: tooLate, told: 'the removal comes when another was faster', message: byTerm },
  { call: 'inspect', how: 'refuse', options: once, told: 'the look at its end is refused', message: byTerm },
  { call: 'inspect', how: 'drop', options: once, told: 'the connection breaks at the look at its end', message: byTerm },
  { call: 'inspect', how: 'late', options: once, told: 'the look at its end is late', message: byTerm },
  { call: 'inspect', how: 'refuse', told: 'no look at it is answered', message: new RegExp(`${byTerm.source}|${unseen.source}`) },
  { call: 'inspect', how: 'hang', told: 'every look at it hangs', message: unseen },
  { call: 'list', how: 'refuse', told: 'containers are not listed', message: byTerm },
  { call: 'list', how: 'hang', options: once, told: 'the list hangs', message: byTerm },
  { call: 'list', how: 'drop', told: 'the connection breaks at every list', message: byTerm },
]

let ground: FaultGround

before(async () => { ground = await startFaultGround() })
after(async () => { await ground[Symbol.asyncDispose]() })

for (const { call, how, options, told, message, graceMs = 200 } of rows) {
  test(`a task is killed and its container goes although ${told}`, async () => {
    const { engine, framework } = ground
    const [id = ''] = await framework.launch({ shell: 'sleep 100', graceMs })
    await framework.until(id, 'TASK_RUNNING')
    await engine.fault(call, how, options)
    await framework.kill(id)
    const end = await framework.end(id)
    await ground.recover()
    assert.equal(end.state, 'TASK_KILLED')
    assert.match(end.message ?? '', message)
  })
}

for (const how of ['refuse', 'drop', 'cut'] as const) {
  test(`an exit is noticed and launches go on when the event stream meets "${how}"`, async () => {
    const { engine, framework } = ground
    await engine.fault('events', how, { afterWrites: 0 })
    await engine.cut('events')
    assert.equal((await framework.run({ shell: 'exit 3' })).message, 'Container exited with status 3')
    await ground.recover()
  })
}

test('the agent says that the engine is down while it does not list, and that it is up when it does', async () => {
  const { engine, agent } = ground
  await engine.fault('list', 'refuse')
  await eventually(async () => await agent.metric('slipway_engine_up') === 0)
  await engine.mend()
  await eventually(async () => await agent.metric('slipway_engine_up') === 1)
  await ground.recover()
})

for (const call of ['create', 'start', 'attach', 'kill', 'remove'] as const) {
  test(`an agent that is stopped while a ${call} hangs ends in bounded time, and its call is not left open`, async () => {
    await using engine = await startSimEngine()
    // This is its first launch: on a busy machine that takes longer than short deadlines.
    const unhurried = { createTimeout: '5s', startTimeout: '5s', attachTimeout: '30s', launchTimeout: '1m' }
    await using agent = await startTestAgent(engine.socket, { ...shortDeadlines, ...unhurried })
    const framework = await agent.subscribe()
    await engine.fault(call, 'hang', { times: 1 })
    const [id = ''] = await framework.launch({ shell: 'sleep 100' })
    if (call === 'kill' || call === 'remove') await framework.until(id, 'TASK_RUNNING')
    else await eventually(async () => (await engine.calls()).some(one => one.call === call), { withinMs: 30_000 })
    const beganAt = performance.now()
    await agent.stop()
    assert.ok(performance.now() - beganAt < 30_000)
    await eventually(() => engine.idle(), { withinMs: 30_000 })
    assert.deepEqual(await engine.containers(), [])
  })
}
