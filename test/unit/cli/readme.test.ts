import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { buildProgram, type Actions } from '../../../src/cli/program.ts'

const examples = readFileSync('README.md', 'utf8').split('\n').filter(line => /^slipway [a-z]/.test(line))
const help = buildProgram(new Proxy({}, { get: () => async () => 0 }) as Actions, () => {}).commands.flatMap(command => {
  let text = ''
  command.configureOutput({ writeOut: part => { text += part } })
  command.outputHelp()
  return text.split('\n').flatMap(line => /^ +\$ (slipway .*)/.exec(line)?.[1] ?? [])
})

/** The words of a line, as the shell reads them up to a pipe. */
function wordsOf (line: string): string[] {
  const script = `slipway () { printf '%s\\0' "$@"; exit; }\n${line}`
  const words = execFileSync('bash', ['--norc', '-c', script], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  return words.split('\0').slice(0, -1)
}

test('the commands that the README and the helps show are understood', async () => {
  assert.ok(examples.length >= 8 && help.length >= 12, `${examples.length} and ${help.length}`)
  for (const line of [...examples, ...help].map(line => line.replace(/ \| .*| > .*/, ''))) {
    let exitCode: number | undefined
    const program = buildProgram(new Proxy({}, { get: () => async () => 0 }) as Actions, code => { exitCode = code })
    for (const command of [program, ...program.commands]) command.exitOverride().configureOutput({ writeErr: () => {} })
    await assert.doesNotReject(program.parseAsync(wordsOf(line), { from: 'user' }), line)
    assert.equal(exitCode, 0, line)
  }
})
