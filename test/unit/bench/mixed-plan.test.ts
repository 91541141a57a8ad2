import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fates, planTasks, type Fate } from '../../../bench/load/mixed/plan.ts'

const profile = { forMs: 600_000, perSecond: 10, lifeSeconds: 4, seed: 7 }

test('as many tasks arrive, and live as long, as was asked for, on the average', () => {
  const tasks = planTasks(profile)
  assert.ok(Math.abs(tasks.length - 6_000) < 300, `${tasks.length}`)
  const life = tasks.reduce((sum, { lifeMs }) => sum + lifeMs, 0) / tasks.length
  assert.ok(Math.abs(life - 4_000) < 400 && tasks.every(({ lifeMs }) => lifeMs <= 16_000), `${life}`)
  assert.ok(tasks.every(({ dueMs }, at) => dueMs >= (tasks[at - 1]?.dueMs ?? 0) && dueMs < profile.forMs))
})

test('each fate has its share of them', () => {
  const tasks = planTasks(profile)
  for (const [name, { share }] of Object.entries(fates)) {
    const found = tasks.filter(({ fate }) => fate === name as Fate).length / tasks.length
    assert.ok(Math.abs(found - share) < 0.03, `${name}: ${found}`)
  }
  assert.ok(Math.abs(Object.values(fates).reduce((sum, { share }) => sum + share, 0) - 1) < 1e-9)
})

test('a seed repeats them, another has others', () => {
  assert.deepEqual(planTasks(profile), planTasks(profile))
  assert.notDeepEqual(planTasks(profile), planTasks({ ...profile, seed: 8 }))
})
