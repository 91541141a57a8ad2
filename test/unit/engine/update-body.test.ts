import assert from 'node:assert/strict'
import { test } from 'node:test'
import { updateBody } from '../../../src/engine/update-body.ts'

const mb = 1 << 20
const limits = { cpus: 0.5, memBytes: 96 * mb }
const body = (now: object): unknown => updateBody(limits, { HostConfig: now })

test('swap and soft limit keep their proportion to memory, as far as there are any', () => {
  assert.deepEqual(body({ Memory: 64 * mb, MemorySwap: 128 * mb, MemoryReservation: 32 * mb }),
    { CpuShares: 512, Memory: 96 * mb, MemorySwap: 192 * mb, MemoryReservation: 48 * mb })
  assert.deepEqual(body({ Memory: 64 * mb, MemorySwap: 64 * mb, MemoryReservation: 0 }), { CpuShares: 512, Memory: 96 * mb, MemorySwap: 96 * mb })
  assert.deepEqual(body({ Memory: 64 * mb }), { CpuShares: 512, Memory: 96 * mb })
})

test('the quota of CPU time goes along where there is one', () => {
  assert.deepEqual(updateBody({ ...limits, cpuQuotaMicros: 50_000 }, { HostConfig: {} }), { CpuShares: 512, CpuQuota: 50_000, Memory: 96 * mb })
})

test('swap without a limit stays without', () => {
  assert.deepEqual(body({ Memory: 64 * mb, MemorySwap: -1 }), { CpuShares: 512, Memory: 96 * mb, MemorySwap: -1 })
})
