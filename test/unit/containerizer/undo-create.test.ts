import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Registry } from 'prom-client'
import { deferred } from '../../../src/base/deferred.ts'
import { silentLog } from '../../../src/base/log.ts'
import type { Lanes } from '../../../src/containerizer/lanes.ts'
import { containerizerMetrics } from '../../../src/containerizer/metrics.ts'
import { undoCreate, type UndoDeps } from '../../../src/containerizer/undo-create.ts'
import type { Engine } from '../../../src/engine/port.ts'
import { taskOf } from '../operator/tasks.ts'

const lanes: Lanes = { run: (_ticket, operation, signal) => operation(signal) }

for (const [isUp, hasStarted, expected] of [
  [true, true, ['remove']], [false, false, ['remove']], [false, true, ['SIGKILL', 'remove']],
] as const) {
  const told = `${hasStarted ? 'may have been started' : 'was not started'} by an engine that is ${isUp ? 'up' : 'in trouble'}`
  test(`a failed launch whose container ${told} meets ${expected.join(', ')}`, async () => {
    const calls: string[] = []
    const { container } = taskOf()
    if (hasStarted) {
      container.timeline.begin('start')
      container.timeline.begun('start', 0)
    }
    const deps: UndoDeps = {
      lanes, log: silentLog, metrics: containerizerMetrics(new Registry()), engineWatch: { isUp },
      engine: { remove: async () => { calls.push('remove') } } as unknown as Engine,
      kept: { note () { calls.push('note') }, async writtenSoon () {} },
      kernel: { async signal (_container, unixSignal) { calls.push(unixSignal); return true }, condemnInTurn: async () => true },
    }
    await undoCreate(container, deps, new AbortController().signal)
    assert.deepEqual(calls, expected)
  })
}

test('a container that an engine which answers does not remove is ended past it', async () => {
  const calls: string[] = []
  const { container } = taskOf()
  container.timeline.begin('start')
  container.timeline.begun('start', 0)
  const isKilled = deferred()
  const deps: UndoDeps = {
    lanes, log: silentLog, metrics: containerizerMetrics(new Registry()), engineWatch: { isUp: true },
    engine: { remove: async () => { await isKilled.promise } } as unknown as Engine,
    kept: { note () {}, async writtenSoon () {} },
    kernel: { signal: async () => true, async condemnInTurn () { calls.push('SIGKILL in turn'); isKilled.resolve(); return true } },
  }
  await undoCreate(container, deps, new AbortController().signal)
  assert.deepEqual(calls, ['SIGKILL in turn'])
})
