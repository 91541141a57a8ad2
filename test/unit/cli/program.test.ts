import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CommanderError } from 'commander'
import { buildProgram, type Actions } from '../../../src/cli/program.ts'

/** Parses a command line; answers what the action got, or what was told instead. */
async function parse (...words: string[]): Promise<{ got?: unknown[], told: string, exitCode: number }> {
  let got: unknown[] | undefined
  let told = ''
  let exitCode = -1
  const take = async (...parts: unknown[]): Promise<number> => { got = parts; return 0 }
  const program = buildProgram(new Proxy({}, { get: () => take }) as Actions, code => { exitCode = code })
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({ writeOut: text => { told += text }, writeErr: text => { told += text } })
  }
  try {
    await program.parseAsync(words, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    exitCode = error.exitCode
  }
  return got === undefined ? { told, exitCode } : { got, told, exitCode }
}

test('what follows the command of a task is the task\'s, whatever it looks like', async () => {
  for (const words of [['--', 'echo', '-n', '--cpus'], ['echo', '-n', '--cpus']]) {
    const { got } = await parse('run', '--image', 'i', ...words)
    assert.deepEqual(got?.[1], ['echo', '-n', '--cpus'])
  }
})

test('options of run arrive with their types', async () => {
  const line = 'run --image i -e A=1 -e B=2 --cpus 0.5 --mem 64 --no-shell --timeout 2m --priority -3'
  const { got } = await parse(...line.split(' '))
  assert.deepEqual(got?.[0], {
    image: 'i', env: ['A=1', 'B=2'], cpus: 0.5, mem: 64, shell: false, timeout: 120_000, priority: -3, net: 'host',
  })
})

test('options that are not there yet are refused by name', async () => {
  assert.match((await parse('start', '--master', 'zk://h/mesos')).told, /to join a cluster: slipway agent --master/)
})

test('unknown flags, commands and values are faults', async () => {
  assert.match((await parse('run', '--imgae', 'i')).told, /unknown option '--imgae'\n\(Did you mean --image\?\)/)
  assert.match((await parse('frob')).told, /unknown command 'frob'/)
  assert.match((await parse('run', '--cpus', 'two')).told, /Expected a number/)
  assert.match((await parse('run', '--mem', '0')).told, /expected a whole number/)
  assert.match((await parse('kill', 't', '--grace', '5')).told, /expected a time with its unit/)
  assert.match((await parse('agent', 'surplus')).told, /too many arguments/)
})

test('the agent takes its settings under our names and those of Mesos', async () => {
  const { got } = await parse('agent', '--work-dir', '/a', '--docker_stop_timeout=3secs', '--no-authenticate', '--port', '0')
  assert.deepEqual(got?.[0], { workDir: '/a', docker_stop_timeout: '3secs', authenticate: false, port: '0' })
  assert.deepEqual((await parse('agent', '--authenticate', 'false')).got?.[0], { authenticate: 'false' })
  assert.deepEqual((await parse('agent', '--authenticate')).got?.[0], { authenticate: true })
  assert.deepEqual((await parse('agent', '--no-authenticate_http_readonly')).got?.[0], { authenticate_http_readonly: false })
  assert.deepEqual((await parse('agent', '--authenticate_http_readonly')).got?.[0], { authenticate_http_readonly: true })
})

test('every command has a help with its purpose, and help is no failure', async () => {
  for (const words of [[], ...'agent run ps logs inspect kill events cleanup completion start'.split(' ').map(name => [name])]) {
    const { told, exitCode } = await parse(...words, '--help')
    assert.match(told, /^Usage: slipway/)
    assert.equal(exitCode, 0)
  }
})

test('a grace of nothing is allowed, it means SIGKILL soon', async () => {
  assert.equal(((await parse('kill', 't', '--grace', '0s')).got?.[1] as { grace: number }).grace, 0)
})
