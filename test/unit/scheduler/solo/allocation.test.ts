import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  chooseTaker, isWorthOffering, nextFilterEndMs, refuseMs, withFilter, type Candidate, type Filter,
} from '../../../../src/scheduler/solo/allocation.ts'
import { parseResources } from '../../../../src/model/resources-text.ts'

const small = parseResources('cpus:1;mem:100')
const large = parseResources('cpus:2;mem:200')

function candidate (more: Partial<Candidate>): Candidate {
  return { roles: ['*'], suppressed: new Set(), filters: [], lastTurn: 0, ...more }
}

function filter (more: Partial<Filter>): Filter {
  return { role: '*', refused: small, untilMs: 1000, ...more }
}

test('it is the turn of the one who has waited longest', () => {
  const [a, b, c] = [candidate({ lastTurn: 3 }), candidate({ lastTurn: 1 }), candidate({ lastTurn: 1 })]
  assert.equal(chooseTaker([a, b, c], small, 0)?.taker, b)
  assert.equal(chooseTaker([], small, 0), undefined)
})

test('a filter holds for the same and for less, not for more, and not for ever', () => {
  const refusing = candidate({ filters: [filter({})] })
  assert.equal(chooseTaker([refusing], small, 0), undefined)
  assert.equal(chooseTaker([refusing], parseResources('cpus:0.5'), 0), undefined)
  assert.equal(chooseTaker([refusing], large, 0)?.taker, refusing)
  assert.equal(chooseTaker([refusing], parseResources('cpus:1;disk:1'), 0)?.taker, refusing)
  assert.equal(chooseTaker([refusing], small, 1000)?.taker, refusing)
})

test('a role that is suppressed or filtered leaves the others', () => {
  const roles = ['a', 'b', 'c']
  assert.equal(chooseTaker([candidate({ roles, suppressed: new Set(['a']), filters: [filter({ role: 'b' })] })], small, 0)?.role, 'c')
  assert.equal(chooseTaker([candidate({ roles: [] })], small, 0), undefined)
})

test('refuse_seconds is 5 unless told, and a year at most', () => {
  for (const wrong of [undefined, -1, NaN]) assert.equal(refuseMs(wrong), 5000)
  assert.equal(refuseMs(0), 0)
  assert.equal(refuseMs(0.5), 500)
  assert.equal(refuseMs(Infinity), 365 * 24 * 3600 * 1000)
})

test('filters do not pile up', () => {
  let filters: Filter[] = []
  for (let untilMs = 1; untilMs <= 1000; untilMs++) filters = withFilter(filters, filter({ untilMs }), 0)
  assert.equal(filters.length, 1)
  for (let i = 1; i <= 1000; i++) filters = withFilter(filters, filter({ refused: parseResources(`ports:[${String(i)}-${String(i)}]`) }), 0)
  assert.equal(filters.length, 100)
  assert.equal(withFilter(filters, filter({ untilMs: 3000 }), 2000).length, 1)
  assert.equal(nextFilterEndMs([filter({ untilMs: 7 }), filter({ untilMs: 5 }), filter({ untilMs: 1 })], 2), 5)
})

test('crumbs are not offered', () => {
  assert.equal(isWorthOffering(parseResources('cpus:0.009;mem:31;ports:[1-9]')), false)
  assert.equal(isWorthOffering(parseResources('cpus:0.01')), true)
  assert.equal(isWorthOffering(parseResources('mem:32')), true)
})
