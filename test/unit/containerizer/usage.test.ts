import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CpuMeter, totalOf } from '../../../src/containerizer/usage-totals.ts'

const usage = (cpuUserSeconds: number): { timestamp: number, cpuUserSeconds: number } => ({ timestamp: 1, cpuUserSeconds })

test('CPU time adds up over containers that come and go, and never falls', () => {
  const meter = new CpuMeter()
  meter.observe(new Map([['a', usage(2)], ['b', usage(3)]]))
  assert.equal(meter.seconds, 5)
  meter.observe(new Map([['b', usage(4)]]))
  assert.equal(meter.seconds, 6)
  meter.observe(new Map([['b', usage(4)], ['c', usage(1)]]))
  assert.equal(meter.seconds, 7)
})

test('totals add up what is told, and take what is not for nothing', () => {
  const usages = new Map([['a', { timestamp: 1, memTotalBytes: 5, processes: 2, nrThrottled: 1 }], ['b', { timestamp: 1, memTotalBytes: 7 }]])
  assert.deepEqual(totalOf(usages, 3), { cpuSeconds: 3, memTotalBytes: 12, processes: 2, throttledContainers: 1 })
})
