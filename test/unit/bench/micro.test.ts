import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { choose, usage } from '../../../bench/choose.ts'
import { microBenches } from '../../../bench/micro/all.ts'
import { check } from '../../../bench/micro/register.ts'
import { runMicro } from '../../../bench/micro/run.ts'
import { table } from '../../../bench/table.ts'

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

test('a bench is chosen by name, all of them by micro', () => {
  assert.deepEqual(choose(['json', 'out.json']), { registers: [microBenches['json']], out: 'out.json' })
  assert.deepEqual(choose(['micro']), { registers: Object.values(microBenches), out: undefined })
  assert.deepEqual(choose(['checks', 'out.json']), { load: 'checks', out: 'out.json', count: 100 })
  assert.deepEqual(choose(['recovery', '--count', '300', 'out.json']), { load: 'recovery', out: 'out.json', count: 300 })
})

for (const [words, answer] of [[[], /^usage: /], [['nosuch'], /^there is no bench 'nosuch'/], [['toString'], /^there is no bench/],
  [['launch'], /^the load bench 'launch' is not part of this version yet/], [['json', 'a', 'b'], /^usage: /], [['recovery', '--count', 'x'], /^--count is a whole number/], [['json', '--count', '3'], /^--count/]] as Array<[string[], RegExp]>) {
  test(`'bench ${words.join(' ')}' is refused with the names that there are`, () => {
    const choice = choose(words)
    assert.ok('refusal' in choice && choice.refusal.endsWith(usage))
    assert.match(choice.refusal, answer)
  })
}

test('the command refuses with exit code 2, on stderr', async () => {
  const main = fileURLToPath(new URL('../../../bench/main.js', import.meta.url))
  const [code, stdout, stderr] = await new Promise<[unknown, string, string]>(resolve => {
    execFile(process.execPath, [main, 'nosuch'], (error, stdout, stderr) => { resolve([error?.code, stdout, stderr]) })
  })
  assert.deepEqual([code, stdout], [2, ''])
  assert.match(stderr, /there is no bench 'nosuch'/)
})

test('figures are printed in the unit that suits them', () => {
  const figures = [{ name: 'a: long name', medianMs: 0.000123, p99Ms: 0.0456, samples: 1 }, { name: 'b', medianMs: 7.891, p99Ms: 12_345, samples: 1 }]
  assert.equal(table(figures), [
    '                median      p99',
    'a: long name  0.123 µs  45.6 µs',
    'b              7.89 ms   12.3 s',
  ].join('\n'))
})
