import assert from 'node:assert/strict'
import { test } from 'node:test'
import { limitsOf } from '../../../src/agent/task-limits.ts'
import type { v1 } from '../../../src/wire/messages.ts'
import { policy, scalar, taskInfo } from './task-infos.ts'

const hostMemBytes = 24 * 2 ** 30

function limited (limits: Record<string, number>, mem = 64): v1.TaskInfo {
  const values = Object.fromEntries(Object.entries(limits).map(([name, value]) => [name, { value }]))
  return taskInfo({ resources: [scalar('cpus', 0.5), scalar('mem', mem)], limits: values })
}

const cases: ReadonlyArray<readonly [string, v1.TaskInfo, number, object]> = [
  ['no limits leave the request as the hard limit', limited({}), 64, {}],
  ['limits are quota, hard limit, soft limit and a score', limited({ cpus: 1, mem: 128 }), 128, {
    cpuQuotaMicros: 100_000, memReservationBytes: 64 << 20, oomScoreAdj: 998 }],
  ['an endless CPU limit is none', limited({ cpus: Infinity }), 64, {}],
  ['a tiny CPU limit is 1 ms a period', limited({ cpus: 0.001 }), 64, { cpuQuotaMicros: 1_000 }],
  ['a memory limit as high as the request leaves the score alone', limited({ mem: 64 }), 64, { memReservationBytes: 64 << 20 }],
  ['request and limit are 32 MB at least', limited({ mem: 16 }, 8), 32, { memReservationBytes: 32 << 20 }],
]

for (const [name, info, megabytes, limits] of cases) {
  test(name, () => {
    const told = limitsOf(info, policy, hostMemBytes)
    assert.deepEqual(told, { cpus: 0.5, memBytes: megabytes * 2 ** 20, limits: { ...limits, swap: 'double', pids: 4096 } })
  })
}

test('where the operator wants it, the request is the quota', () => {
  assert.equal(limitsOf(limited({}), { ...policy, cgroupsEnableCfs: true }).limits?.cpuQuotaMicros, 50_000)
  assert.equal(limitsOf(limited({}), { ...policy, cgroupsEnableCfs: true }).limits?.quotaFollowsCpus, true)
  assert.equal(limitsOf(limited({ cpus: 2 }), { ...policy, cgroupsEnableCfs: true }).limits?.quotaFollowsCpus, undefined)
  assert.equal(limitsOf(limited({ cpus: 2 }), { ...policy, cgroupsEnableCfs: true }).limits?.cpuQuotaMicros, 200_000)
})

for (const limits of [{ mem: Infinity }, { mem: NaN }, { cpus: NaN }, { mem: 63 }, { cpus: -1 }]) {
  test(`limits of ${JSON.stringify(Object.entries(limits).map(String))} are refused, naming the field`, () => {
    assert.throws(() => limitsOf(limited(limits), policy), { code: 'SPEC_INVALID', detail: { field: `limits.${Object.keys(limits)[0]}` } })
  })
}
