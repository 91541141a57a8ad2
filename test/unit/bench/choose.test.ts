import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { choose } from '../../../bench/choose.ts'
import { loadBenches } from '../../../bench/load/all.ts'
import { microBenches } from '../../../bench/micro/all.ts'
import { usage } from '../../../bench/usage.ts'

test('a bench of a piece is chosen by name, all of them by micro', () => {
  assert.deepEqual(choose(['json', '--json', 'out.json']), { name: 'json', micro: [microBenches['json']], outputs: { json: 'out.json' } })
  assert.deepEqual(choose(['micro']), { name: 'micro', micro: Object.values(microBenches), outputs: {} })
})

test('a load bench comes with its options, as given or as they are otherwise', () => {
  const { recovery } = loadBenches
  assert.deepEqual(choose(['recovery']), { name: 'recovery', load: recovery, outputs: {}, values: { count: 100, every: 10 } })
  assert.deepEqual(choose(['recovery', '--count=300', '--html', 'a.html']),
    { name: 'recovery', load: recovery, outputs: { html: 'a.html' }, values: { count: 300, every: 10 } })
})

test('a value may begin with a dash; an option is no value', () => {
  const choice = choose(['launch', '--agent-flags', '--seccomp-profile native', '--count', '7', '--json=a.json'])
  assert.ok('load' in choice)
  assert.deepEqual([choice.values['agent-flags'], choice.values['count'], choice.outputs], ['--seccomp-profile native', 7, { json: 'a.json' }])
  assert.match((choose(['recovery', '--json', '--count', '3']) as { refusal: string }).refusal, /^Option '--json/)
})

test('every load bench and each of its options is in the help', () => {
  const choice = choose(['--help'])
  assert.ok('help' in choice)
  for (const [name, { options }] of Object.entries(loadBenches)) {
    assert.match(choice.help, new RegExp(`^  ${name} `, 'm'))
    for (const option of Object.keys(options)) assert.match(choice.help, new RegExp(`^ +--${option} `, 'm'))
  }
})

const refused: Array<[words: string[], answer: RegExp]> = [
  [[], /^usage: /],
  [['nosuch'], /^there is no bench 'nosuch'/],
  [['toString'], /^there is no bench/],
  [['json', 'a'], /^Unexpected argument 'a'/],
  [['json', '--count', '3'], /^Unknown option '--count'/],
  [['recovery', '--count', 'x'], /^--count of 'recovery' is N, not 'x'/],
  [['recovery', '--count', '0'], /^--count of 'recovery' is N, not '0'/],
  [['recovery', '--json'], /^Option '--json <value>' argument missing/],
]
for (const [words, answer] of refused) {
  test(`'bench ${words.join(' ')}' is refused with what there is`, () => {
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
