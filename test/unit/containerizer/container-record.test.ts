import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromRecord, toRecord } from '../../../src/containerizer/container-record.ts'
import type { ContainerWatcher } from '../../../src/containerizer/container.ts'
import { taskOf } from '../operator/tasks.ts'

const mb = 1 << 20
const watcher: ContainerWatcher = { moved () {}, stageMoved () {}, ended () {} }

/** What a next run, and the one after that, makes of an update that was cut off: limits, and those that may be in force instead, in MB. */
function afterCrashes (before: number, wanted: number): Array<{ limits: number, updating: number, tookUpdate: boolean }> {
  const { container } = taskOf()
  Object.assign(container, { limits: { cpus: 1, memBytes: before * mb }, updating: { cpus: 2, memBytes: wanted * mb } })
  const first = fromRecord(toRecord(container), 0, watcher)
  const second = fromRecord(toRecord(first), 0, watcher)
  return [first, second].map(({ limits, updating, extras }) => ({
    limits: limits.memBytes / mb, updating: (updating?.memBytes ?? 0) / mb, tookUpdate: extras.past?.tookUpdate === true,
  }))
}

test('of an update that was cut off the side with more memory stays, after every restart', () => {
  const [grown, grownAgain] = afterCrashes(64, 128)
  assert.deepEqual(grown, { limits: 128, updating: 64, tookUpdate: true })
  assert.deepEqual(grownAgain, { limits: 128, updating: 64, tookUpdate: false })
  for (const one of afterCrashes(128, 64)) assert.deepEqual(one, { limits: 128, updating: 64, tookUpdate: false })
  for (const one of afterCrashes(64, 64)) assert.deepEqual(one, { limits: 64, updating: 64, tookUpdate: false })
})
