import assert from 'node:assert/strict'
import { test } from 'node:test'
import { launchLimits, updatedLimits } from '../../../src/containerizer/kernel-limits.ts'
import { taskOf } from '../operator/tasks.ts'

const { spec } = taskOf().container
const wanted = { cpus: 2, memBytes: 1 << 30 }

test('a quota changes with the CPUs where it hangs on them, and else stays', () => {
  assert.equal(updatedLimits({ ...spec, limits: { cpuQuotaMicros: 50_000, quotaFollowsCpus: true } }, wanted).cpuQuotaMicros, 200_000)
  assert.equal(updatedLimits({ ...spec, limits: { cpuQuotaMicros: 50_000 } }, wanted).cpuQuotaMicros, 50_000)
  assert.equal(updatedLimits(spec, wanted).cpuQuotaMicros, undefined)
})

test('a quota by parameter is the one that counts', () => {
  const engineFields = { config: {}, host: { CpuQuota: 20_000 } }
  const both = { ...spec, engineFields, limits: { cpuQuotaMicros: 50_000, quotaFollowsCpus: true } }
  assert.equal(launchLimits(both).cpuQuotaMicros, 20_000)
  assert.equal(updatedLimits(both, wanted).cpuQuotaMicros, 20_000)
})
