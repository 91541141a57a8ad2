import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describe, fits } from '../../../src/cli/offer-fit.ts'
import { scalar } from '../../../src/cli/task-info.ts'
import { offer } from '../../support/fake-master.ts'

test('an offer fits when it has as much of each as is asked, exactly as much too', () => {
  const half = offer(0.1, 64)
  half.resources?.push(scalar('cpus', 0.2))
  assert.ok(fits([scalar('cpus', 0.3), scalar('mem', 64)], half))
  assert.ok(!fits([scalar('cpus', 0.301)], half))
  assert.ok(!fits([scalar('gpus', 1)], half))
})

test('what is reserved or may be taken away is not counted', () => {
  const odd = offer(1, 64)
  odd.resources?.push({ ...scalar('cpus', 8), revocable: {} }, { ...scalar('cpus', 8), reservations: [{ role: 'r' }] })
  assert.ok(!fits([scalar('cpus', 2)], odd))
  assert.equal(describe(odd.resources), 'cpus 1, mem 64')
  assert.equal(describe([]), 'nothing')
})
