import assert from 'node:assert/strict'
import { availableParallelism, tmpdir, totalmem } from 'node:os'
import { test } from 'node:test'
import { hostResources } from '../../../src/agent/host-resources.ts'
import { amountOf, ranges } from '../../../src/model/resources.ts'

test('a host gives all its processors, and memory and disk with something left for itself', async () => {
  const found = await hostResources(tmpdir())
  assert.deepEqual([...found.keys()], ['cpus', 'mem', 'disk', 'ports'])
  assert.equal(amountOf(found, 'cpus'), availableParallelism())
  const memMb = totalmem() / 2 ** 20
  assert.equal(amountOf(found, 'mem'), Math.floor(memMb > 2048 ? memMb - 1024 : memMb / 2))
  assert.ok(amountOf(found, 'disk') > 0)
  assert.deepEqual(found.get('ports'), ranges([[31000, 32000]]))
})
