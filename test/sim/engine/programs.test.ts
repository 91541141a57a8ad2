import assert from 'node:assert/strict'
import { test } from 'node:test'
import { firstCursor, stepsOf } from './program.ts'
import { startProgram } from './runner.ts'

async function run (line: string, signal?: number): Promise<{ code: number, stdout: string, stderr: string }> {
  const output = { 1: '', 2: '' }
  const steps = stepsOf(['/bin/sh', '-c', line], new Map([['NAME', 'a b']])) ?? []
  const program = startProgram(steps, firstCursor(), {
    write (stream, data) { output[stream] += data.toString(); return Promise.resolve() },
    onMove () {},
  })
  if (signal !== undefined) program.signal(signal)
  return { code: await program.exitCode, stdout: output[1], stderr: output[2] }
}

const lines: ReadonlyArray<readonly [line: string, code: number, stdout: string, stderr: string]> = [
  ['echo out; echo err >&2; exit 7', 7, 'out\n', 'err\n'],
  ['echo -n a; printf "b\\n"', 0, 'ab\n', ''],
  ["echo 'one; two' \"three 'four'\"", 0, "one; two three 'four'\n", ''],
  ['echo $NAME "${NAME}" \'$NAME\' $NONE.', 0, 'a b a b $NAME .\n', ''],
  ['true && echo yes || echo no', 0, 'yes\n', ''],
  ['false && echo yes || echo no', 0, 'no\n', ''],
  ['false', 1, '', ''],
  ['nothing-of-the-kind; echo on', 0, 'on\n', 'sh: nothing-of-the-kind: not found\n'],
  ['nothing-of-the-kind', 127, '', 'sh: nothing-of-the-kind: not found\n'],
  ['seq 3; sleep 0.001; head -c 2 /dev/zero', 0, '1\n2\n3\n\0\0', ''],
  ['sleep 0.001 & wait; echo done', 0, 'done\n', ''],
  ['echo hidden >/dev/null; echo seen 2>/dev/null', 0, 'seen\n', ''],
  ['env', 0, 'NAME=a b\n', ''],
  ['echo $(date)', 2, '', 'simulated shell: cannot run: echo $(date)\n'],
  ['cat < file', 2, '', 'simulated shell: cannot run: cat < file\n'],
]

for (const [line, code, stdout, stderr] of lines) {
  test(`the simulated shell runs: ${line}`, async () => {
    assert.deepEqual(await run(line), { code, stdout, stderr })
  })
}

test('a program dies of a signal that it does not trap', async () => {
  assert.equal((await run('sleep 100', 15)).code, 143)
  assert.equal((await run('while :; do sleep 1; done', 2)).code, 130)
})

test('a trap chooses the exit code, or lets the signal pass', async () => {
  assert.equal((await run("trap 'exit 5' TERM INT; sleep 100", 15)).code, 5)
  assert.equal((await run("trap '' TERM; sleep 0.01; exit 6", 15)).code, 6)
})

test('nothing helps against SIGKILL', async () => {
  assert.equal((await run("trap '' TERM; sleep 100", 9)).code, 137)
})

test('a program that is not there has no steps', () => {
  assert.equal(stepsOf(['nothing'], new Map()), undefined)
  assert.equal(stepsOf(['constructor'], new Map()), undefined)
})
