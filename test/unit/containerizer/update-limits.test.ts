import assert from 'node:assert/strict'
import { test } from 'node:test'
import { silentLog } from '../../../src/base/log.ts'
import type { Container } from '../../../src/containerizer/container.ts'
import type { Lanes } from '../../../src/containerizer/lanes.ts'
import { LimitUpdates, type UpdateDeps } from '../../../src/containerizer/update-limits.ts'
import { AgentError } from '../../../src/model/errors.ts'
import { taskOf } from '../operator/tasks.ts'

const mb = 1 << 20
const lanes: Lanes = { run: (_ticket, operation, signal) => operation(signal) }

interface Ground { readonly updates: LimitUpdates, readonly container: Container, readonly calls: string[], readonly outcomes: string[] }

/** `fails`: what a call answers instead of doing it. */
function ground (fails: Readonly<Record<string, AgentError>> = {}, differs: unknown[] = []): Ground {
  const calls: string[] = []
  const outcomes: string[] = []
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
    lanes, log: silentLog, closing: new AbortController().signal, pools: { cgroup: pool('cgroup'), limits: pool('limits') },
    engine: { update: (_id: string, { memBytes }: { memBytes: number }) => told(`engine ${memBytes / mb}`) },
    metrics: { updated: (outcome: string) => { outcomes.push(outcome) } },
  } as unknown as UpdateDeps
  const { container } = taskOf()
  container.engineId = 'e1'
  container.move('admit')
  container.move('started')
  return { updates: new LimitUpdates(deps), container, calls, outcomes }
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
