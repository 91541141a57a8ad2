import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { containerReport } from '../../support/container-reports.ts'
import { startFakeMaster } from '../../support/fake-master.ts'

const main = fileURLToPath(new URL('../../../src/main.js', import.meta.url))
const run = promisify(execFile)

async function complete (words: string[], env: Record<string, string> = {}): Promise<string[]> {
  const options = { env: { PATH: process.env['PATH'], SLIPWAY_WORK_DIR: '/not/there', ...env } }
  const { stdout } = await run(process.execPath, [main, 'complete', '--', ...words], options)
  return stdout.split('\n').filter(line => line !== '')
}

test('commands, options and their values are completed', async () => {
  assert.deepEqual(await complete(['in']), ['inspect'])
  assert.deepEqual(await complete(['ps', '--a']), ['--all'])
  assert.deepEqual(await complete(['run', '--net', '']), ['host', 'bridge', 'none'])
  assert.deepEqual(await complete(['completion', '']), ['bash', 'zsh', 'fish'])
  const commands = await complete([''])
  assert.ok(commands.includes('run') && !commands.includes('complete') && !commands.includes('start'), commands.join())
})

test('a task\'s own words and values that nobody can know are left to the shell', async () => {
  for (const words of [['run', '--image', ''], ['run', '--', 'ec'], ['frob', '']]) assert.deepEqual(await complete(words), [])
})

test('tasks are those of the agent; to be killed, those that have not ended; where none answers there are none', async () => {
  const containers = [containerReport({ task_id: 'web' }), containerReport({ task_id: 'done', state: 'gone' })]
  await using master = await startFakeMaster({ onGet: (_request, response) => { response.end(JSON.stringify({ containers })) } })
  assert.deepEqual(await complete(['logs', '-f', ''], { SLIPWAY_MASTER: master.url }), ['done', 'web'])
  assert.deepEqual(await complete(['kill', '--master', master.url, '']), ['web'])
  await master.die()
  assert.deepEqual(await complete(['logs', ''], { SLIPWAY_MASTER: master.url }), [])
})

/** What each shell says when it is asked to complete `slipway ins`; the command is found under its name in the PATH. */
const questions = {
  bash: 'source <(slipway completion bash); COMP_WORDS=(slipway ins); COMP_CWORD=1; _slipway; echo "${COMPREPLY[@]}"',
  // compadd works inside the completion system only: here it prints.
  zsh: 'autoload -U compinit; compinit -D -u; source <(slipway completion zsh); compadd () { shift; echo "$@" }; words=(slipway ins) CURRENT=2; _slipway',
  fish: 'slipway completion fish | source; complete -C "slipway ins"',
} as const

for (const [shell, question] of Object.entries(questions)) {
  const isThere = spawnSync(shell, ['-c', 'true']).status === 0
  test(`${shell} completes by the script that is printed for it`, { skip: isThere ? false : `${shell} is not installed` }, async () => {
    const command = `${process.execPath} ${main}`
    const definition = shell === 'fish' ? `function slipway; ${command} $argv; end` : `slipway () { ${command} "$@"; }`
    const { stdout } = await run(shell, [...(shell === 'bash' ? ['--norc'] : []), '-c', `${definition}; ${question}`], { timeout: 30_000 })
    assert.equal(stdout.trim(), 'inspect')
  })
}
