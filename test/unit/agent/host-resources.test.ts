import assert from 'node:assert/strict'
import { availableParallelism, tmpdir, totalmem } from 'node:os'
import { test } from 'node:test'
import { hostResources } from '../../../src/agent/host-resources.ts'
import { amountOf, ranges } from '../../../src/model/resources.ts'

test('a host that is told nothing gives all its processors, and memory and disk with something left for itself', async () => {
  const found = await hostResources(undefined, tmpdir())
  assert.deepEqual([...found.keys()], ['cpus', 'mem', 'disk', 'ports'])
  assert.equal(amountOf(found, 'cpus'), availableParallelism())
  const memMb = totalmem() / 2 ** 20
  assert.equal(amountOf(found, 'mem'), Math.floor(memMb > 2048 ? memMb - 1024 : memMb / 2))
  assert.ok(amountOf(found, 'disk') > 0)
  assert.deepEqual(found.get('ports'), ranges([[31000, 32000]]))
})

test('what the setting names stands, the rest is found out', async () => {
  const found = await hostResources('cpus:0.5;ports:[1-2];tokens:7', tmpdir())
  assert.equal(amountOf(found, 'cpus'), 0.5)
  assert.deepEqual(found.get('ports'), ranges([[1, 2]]))
  assert.equal(amountOf(found, 'tokens'), 7)
  assert.ok(amountOf(found, 'mem') > 0)
})

test('a setting that cannot be read is refused', async () => {
  await assert.rejects(hostResources('cpus:many', tmpdir()), { name: 'AgentError' })
})
