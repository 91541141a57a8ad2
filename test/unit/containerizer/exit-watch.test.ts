import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { silentLog } from '../../../src/base/log.ts'
import type { Container } from '../../../src/containerizer/container.ts'
import { ExitWatch, type ExitWatchDeps } from '../../../src/containerizer/exit-watch.ts'
import type { Lanes } from '../../../src/containerizer/lanes.ts'
import type { Engine } from '../../../src/engine/port.ts'
import type { EngineState, Inspected } from '../../../src/model/inspected.ts'
import { taskOf } from '../operator/tasks.ts'

const lanes: Lanes = { run: (_ticket, operation, signal) => operation(signal) }

interface Ground { readonly exits: ExitWatch, readonly container: Container, readonly looks: () => number }

/** A container that comes up, of which the look after its start said this, and the next would say that it has ended. */
function startGround (seen: EngineState | undefined): Ground {
  const { container } = taskOf()
  let looks = 0
  const engine = { inspect: async () => { looks++; return inspectedAs('exited', 3) } } as unknown as Engine
  const exits = new ExitWatch({ engine, lanes, log: silentLog } as unknown as ExitWatchDeps)
  if (seen !== undefined) container.inspected = inspectedAs(seen, 7)
  return { exits, container, looks: () => looks }
}

function inspectedAs (status: EngineState, exitCode: number): Inspected {
  return { id: 'e1', running: status === 'running', pid: 1, status, exitCode, oomKilled: false, error: '', ipAddress: undefined, document: '{}' }
}

async function comeUp ({ exits, container }: Ground): Promise<void> {
  container.hasComeUp = true
  exits.cameUp(container)
  for (let i = 0; i < 5; i++) await turn()
}

test('a container that ran when it was looked at after its start is not looked at again', async () => {
  const ground = startGround('running')
  await comeUp(ground)
  assert.equal(ground.looks(), 0)
  assert.equal(ground.container.termination, undefined)
  ground.exits.notice(ground.container)
  await turn()
  assert.equal(ground.looks(), 1)
})

test('one that had ended by then has ended, as that look told', async () => {
  const ground = startGround('exited')
  await comeUp(ground)
  assert.equal(ground.looks(), 0)
  assert.equal(ground.container.termination?.exitCode, 7)
})

test('one of which something was heard while it was launched, or that nobody could look at, is looked at', async () => {
  for (const seen of ['running', undefined] as const) {
    const ground = startGround(seen)
    if (seen !== undefined) ground.exits.notice(ground.container)
    assert.equal(ground.looks(), 0)
    await comeUp(ground)
    assert.equal(ground.looks(), 1)
    assert.equal(ground.container.termination?.exitCode, 3)
  }
})

test('one that was killed by nobody known is looked at once more: that memory was out may be told late', async () => {
  for (const first of [137, undefined]) {
    const { container } = taskOf()
    const answers = [{ ...inspectedAs('exited', 137) }, { ...inspectedAs('exited', 137), oomKilled: true }]
    const engine = { inspect: async () => answers.shift() } as unknown as Engine
    const exits = new ExitWatch({ engine, lanes, log: silentLog } as unknown as ExitWatchDeps)
    if (first !== undefined) container.inspected = inspectedAs('exited', first)
    container.hasComeUp = true
    exits.cameUp(container)
    assert.equal((await container.ended.promise).oomKilled, true)
  }
})
