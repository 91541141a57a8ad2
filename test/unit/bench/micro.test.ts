import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { test } from 'node:test'
import { microBenches } from '../../../bench/micro/all.ts'
import { check } from '../../../bench/micro/register.ts'
import { runMicro } from '../../../bench/micro/run.ts'

const once = { iterations: 1, time: 0, warmup: false }

for (const [name, register] of Object.entries(microBenches)) {
  test(`the micro bench ${name} runs, and its answers are right`, async () => {
    const measured = await runMicro([register], once)
    assert.ok(measured.length > 0)
    for (const one of measured) {
      assert.ok(one.name.startsWith(`${name}: `), one.name)
      assert.ok(one.samples >= 1 && one.medianMs >= 0 && one.p99Ms >= one.medianMs)
    }
  })
}

test('every micro bench can be picked by its file\'s name', () => {
  const files = readdirSync(new URL('../../../bench/micro/', import.meta.url)).filter(file => file.endsWith('.bench.js'))
  assert.deepEqual(files.map(file => file.replace('.bench.js', '')).sort(), Object.keys(microBenches).sort())
})

test('a bench whose answer is wrong fails, and what it had opened is ended', async () => {
  let isEnded = false
  const wrong = runMicro([bench => {
    bench.add('wrong', () => { check(Number('1') === 2) })
    return async () => { isEnded = true }
  }], once)
  await assert.rejects(wrong, /the answer is wrong/)
  assert.equal(isEnded, true)
})
