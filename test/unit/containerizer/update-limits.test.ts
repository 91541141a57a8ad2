import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deferred, type Deferred } from '../../../src/base/deferred.ts'
import { silentLog } from '../../../src/base/log.ts'
import { fromRecord, toRecord } from '../../../src/containerizer/container-record.ts'
import type { Container } from '../../../src/containerizer/container.ts'
import type { Lanes } from '../../../src/containerizer/lanes.ts'
import { LimitUpdates, type UpdateDeps } from '../../../src/containerizer/update-limits.ts'
import { AgentError } from '../../../src/model/errors.ts'
import { eventually } from '../../support/eventually.ts'
import { taskOf } from '../operator/tasks.ts'

const mb = 1 << 20
const lanes: Lanes = { run: (_ticket, operation, signal) => operation(signal) }

/** The first calls to the engine are given up at once; each goes on until it is answered here. */
function givingUp (...open: Array<Deferred<unknown>>): Lanes {
  return {
    async run (ticket, operation, signal) {
      const late = ticket.stage === 'record' ? open.shift() : undefined
      if (late === undefined) return await operation(signal)
      ticket.onBegun?.(0, late.promise.then(() => operation(signal)))
      throw new AgentError('STAGE_TIMEOUT', 'took over 10 s')
    },
  }
}

interface Ground {
  readonly updates: LimitUpdates
  readonly container: Container
  readonly calls: string[]
  readonly outcomes: string[]
  /** What was written down each time: the limits, and those that may be in force instead. */
  readonly notes: string[]
  /** The agent ends. */
  close (): void
}

/** `fails`: what a call answers instead of doing it. */
function ground (fails: Readonly<Record<string, AgentError>> = {}, differs: unknown[] = [], through = lanes): Ground {
  const closing = new AbortController()
  const calls: string[] = []
  const outcomes: string[] = []
  const notes: string[] = []
  const kept = {
    note: ({ limits, updating }: Container) => { notes.push(`${limits.memBytes / mb}${updating === undefined ? '' : ` or ${updating.memBytes / mb}`}`) },
    async writtenSoon () {},
  }
  const told = async (call: string): Promise<void> => {
    calls.push(call)
    const failure = fails[call]
    if (failure !== undefined) throw failure
  }
  const pool = (name: string): unknown => ({
    async run (job: string, { limits }: { limits: { memoryBytes: number } }) {
      await told(`${name} ${job} ${limits.memoryBytes / mb}`)
      return { wrote: [], verified: [], differs }
    },
  })
  const deps = {
    lanes: through, kept, log: silentLog, closing: closing.signal, pools: { cgroup: pool('cgroup'), limits: pool('limits') },
    engine: { update: (_id: string, { memBytes }: { memBytes: number }) => told(`engine ${memBytes / mb}`) },
    metrics: { updated: (outcome: string) => { outcomes.push(outcome) } },
  } as unknown as UpdateDeps
  const { container } = taskOf()
  container.engineId = 'e1'
  container.move('admit')
  container.move('started')
  return { updates: new LimitUpdates(deps), container, calls, outcomes, notes, close: () => { closing.abort(new AgentError('CANCELLED', 'closing')) } }
}

test('the kernel comes first, then the engine, then a look at the kernel; a lower limit has a thread of its own', async () => {
  const { updates, container, calls, outcomes } = ground()
  await updates.update(container, { cpus: 1, memBytes: 128 * mb })
  await updates.update(container, { cpus: 1, memBytes: 32 * mb })
  assert.deepEqual(calls, ['cgroup update 128', 'engine 128', 'cgroup isolate 128', 'limits update 32', 'engine 32', 'cgroup isolate 32'])
  assert.deepEqual(container.limits, { cpus: 1, memBytes: 32 * mb })
  assert.deepEqual(outcomes, ['verified', 'verified'])
})

test('what the engine refuses is put back in the kernel', async () => {
  const { updates, container, calls, outcomes } = ground({ 'engine 128': new AgentError('ENGINE_REFUSED', 'no') })
  await assert.rejects(updates.update(container, { cpus: 1, memBytes: 128 * mb }), { code: 'ENGINE_REFUSED' })
  assert.deepEqual(calls, ['cgroup update 128', 'engine 128', 'limits update 64'])
  assert.equal(container.limits.memBytes, 64 * mb)
  assert.deepEqual(outcomes, ['refused'])
})

test('what the kernel refuses never reaches the engine', async () => {
  const { updates, container, calls } = ground({ 'limits update 32': new AgentError('UPDATE_REFUSED', 'no') })
  await assert.rejects(updates.update(container, { cpus: 1, memBytes: 32 * mb }), { code: 'UPDATE_REFUSED' })
  assert.deepEqual(calls, ['limits update 32'])
})

test('an engine\'s call that succeeds after its deadline is undone', async () => {
  const { updates, container, calls } = ground({ 'engine 128': new AgentError('STAGE_TIMEOUT', 'late') })
  await assert.rejects(updates.update(container, { cpus: 1, memBytes: 128 * mb }), { code: 'STAGE_TIMEOUT' })
  assert.ok(calls.includes('engine 64'))
})

test('a container whose engine has not answered an update that was given up takes no other one, until that is undone', async () => {
  const late = deferred()
  const { updates, container, calls, notes } = ground({}, [], givingUp(late))
  await assert.rejects(updates.update(container, { cpus: 1, memBytes: 128 * mb }), { code: 'STAGE_TIMEOUT' })
  assert.deepEqual([container.limits.memBytes, container.updating?.memBytes], [64 * mb, 128 * mb])
  await assert.rejects(updates.update(container, { cpus: 1, memBytes: 256 * mb }), { code: 'UPDATE_REFUSED', message: /the engine has not answered/ })
  assert.deepEqual(calls, ['cgroup update 128', 'limits update 64'])
  late.resolve()
  await container.undone
  await updates.update(container, { cpus: 1, memBytes: 256 * mb })
  assert.deepEqual(calls.slice(2, 6), ['engine 128', 'engine 64', 'cgroup update 256', 'engine 256'])
  assert.deepEqual(notes, ['64 or 128', '64', '64 or 256', '256'])
})

test('an update that was given up and then fails has nothing to be undone', async () => {
  const late = deferred()
  const { updates, container, calls, notes } = ground({ 'engine 128': new AgentError('ENGINE_REFUSED', 'no') }, [], givingUp(late))
  await assert.rejects(updates.update(container, { cpus: 1, memBytes: 128 * mb }), { code: 'STAGE_TIMEOUT' })
  late.resolve()
  await container.undone
  assert.equal(calls.includes('engine 64'), false)
  assert.deepEqual(notes, ['64 or 128', '64'])
})

test('what cannot be undone is settled all the same', async () => {
  const late = deferred()
  const { updates, container, notes } = ground({ 'engine 64': new AgentError('ENGINE_REFUSED', 'no') }, [], givingUp(late))
  await assert.rejects(updates.update(container, { cpus: 1, memBytes: 128 * mb }), { code: 'STAGE_TIMEOUT' })
  late.resolve()
  await container.undone
  assert.deepEqual(notes, ['64 or 128', '64'])
})

test('an undo that is given up itself could come over a newer update as well: its answer is waited for', async () => {
  const [late, undo] = [deferred(), deferred()]
  const { updates, container, calls, notes } = ground({}, [], givingUp(late, undo))
  await assert.rejects(updates.update(container, { cpus: 1, memBytes: 128 * mb }), { code: 'STAGE_TIMEOUT' })
  late.resolve()
  await eventually(() => calls.includes('engine 128'))
  await assert.rejects(updates.update(container, { cpus: 1, memBytes: 256 * mb }), { code: 'UPDATE_REFUSED' })
  undo.resolve()
  await container.undone
  assert.deepEqual(calls.filter(call => call.startsWith('engine')), ['engine 128', 'engine 64'])
  assert.deepEqual(notes, ['64 or 128', '64'])
})

for (const [before, wanted] of [[64, 128], [128, 64]] as const) {
  test(`an agent that ends before the engine has answered leaves an update from ${before} to ${wanted} MB to its next run`, async () => {
    const late = deferred()
    const { updates, container, notes, close } = ground({}, [], givingUp(late))
    container.limits = { cpus: 1, memBytes: before * mb }
    await assert.rejects(updates.update(container, { cpus: 1, memBytes: wanted * mb }), { code: 'STAGE_TIMEOUT' })
    close()
    late.reject(new AgentError('CANCELLED', 'closing'))
    await container.undone
    assert.deepEqual(notes, [`${before} or ${wanted}`])
    const { limits, updating } = fromRecord(toRecord(container), 0, { moved () {}, stageMoved () {}, ended () {} })
    assert.deepEqual([limits.memBytes, updating?.memBytes], [128 * mb, 64 * mb])
  })
}

test('a container whose cgroups are not to be found is updated by the engine alone', async () => {
  const gone = new AgentError('NOT_FOUND', 'no cgroup')
  const { updates, container, calls, outcomes } = ground({ 'cgroup update 128': gone, 'cgroup isolate 128': gone })
  await updates.update(container, { cpus: 1, memBytes: 128 * mb })
  assert.ok(calls.includes('engine 128'))
  assert.deepEqual(outcomes, ['unseen'])
})

test('a kernel that says something else is counted', async () => {
  const { updates, container, outcomes } = ground({}, [{ file: 'memory.max', expected: '1', actual: '2' }])
  await updates.update(container, { cpus: 1, memBytes: 128 * mb })
  assert.deepEqual(outcomes, ['differs'])
})

test('one that does not run is refused', async () => {
  const { updates, container, calls } = ground()
  container.move('exit')
  await assert.rejects(updates.update(container, { cpus: 1, memBytes: 128 * mb }), { code: 'UPDATE_REFUSED', message: /^the container is / })
  assert.deepEqual(calls, [])
})

test('an update is written down before it begins and when it has ended, however it ends', async () => {
  const { updates, container, calls, notes } = ground({ 'engine 256': new AgentError('ENGINE_REFUSED', 'no') })
  await updates.update(container, { cpus: 1, memBytes: 128 * mb })
  await assert.rejects(updates.update(container, { cpus: 1, memBytes: 256 * mb }), { code: 'ENGINE_REFUSED' })
  assert.deepEqual(notes, ['64 or 128', '128', '128 or 256', '128'])
  assert.ok(calls.includes('limits update 128'))
})

test('the limits of an update that was cut off are put in force once it is known what there is, and a new update waits for that', async () => {
  const { updates, container, calls, notes } = ground()
  const looked = deferred()
  Object.assign(container, { limits: { cpus: 1, memBytes: 128 * mb }, updating: { cpus: 2, memBytes: 64 * mb } })
  updates.settle(container, looked.promise)
  const updated = updates.update(container, { cpus: 1, memBytes: 256 * mb })
  assert.equal(calls.length, 0)
  looked.resolve()
  await updated
  assert.deepEqual(calls.filter(call => !call.includes('isolate')), ['cgroup update 128', 'engine 128', 'cgroup update 256', 'engine 256'])
  assert.deepEqual(notes, ['128', '128 or 256', '256'])
})

test('limits that cannot be set are tried again while the container runs', async () => {
  const { updates, container, calls } = ground({ 'engine 128': new AgentError('ENGINE_REFUSED', 'no') })
  Object.assign(container, { limits: { cpus: 1, memBytes: 128 * mb }, updating: { cpus: 2, memBytes: 64 * mb } })
  updates.settle(container, Promise.resolve())
  await eventually(() => calls.filter(call => call === 'engine 128').length >= 2)
  container.end({ exitCode: 0, oomKilled: false, error: undefined, mayStillRun: false })
  container.move('exit')
  assert.ok(container.updating !== undefined, 'the next run of the agent would know')
})

test('limits that were set at the second try are settled when the engine has answered the first one', async () => {
  const late = deferred()
  const { updates, container, calls, notes } = ground({}, [], givingUp(late))
  Object.assign(container, { limits: { cpus: 1, memBytes: 128 * mb }, updating: { cpus: 2, memBytes: 64 * mb } })
  updates.settle(container, Promise.resolve())
  await eventually(() => calls.includes('engine 128'))
  const updated = updates.update(container, { cpus: 1, memBytes: 256 * mb })
  assert.deepEqual(notes, [])
  late.resolve()
  await updated
  assert.deepEqual(calls.filter(call => call.startsWith('engine')), ['engine 128', 'engine 128', 'engine 256'])
})
