import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { RegistryAuth } from '../../../../src/model/docker-config.ts'
import { AgentError } from '../../../../src/model/errors.ts'
import { helpersOnPath, type HelperFolder } from '../../../support/credential-helpers.ts'
import { eventually } from '../../../support/eventually.ts'
import { askHelper } from '../../../../workers/pull/credential-helper.ts'

const patientMs = 20_000
let helpers: HelperFolder
before(async () => { helpers = await helpersOnPath() })
after(() => helpers[Symbol.asyncDispose]())

const never = new AbortController().signal

function ask (helper: string, stallMs = patientMs, signal = never): Promise<RegistryAuth | undefined> {
  return askHelper({ kind: 'helper', registry: 'r.example', from: 'config', helper, server: 'r.example' }, stallMs, signal)
}

test('a helper hears which registry it is about, and its answer is what the registry is shown', async () => {
  await helpers.add('good', 'read -r server || true; printf \'{"ServerURL":"x","Username":"%s","Secret":"%s"}\' "$server" "$1"')
  assert.deepEqual(await ask('good'), { username: 'r.example', password: 'get', serveraddress: 'r.example' })
})

test('a token is told apart by its user', async () => {
  await helpers.add('token', 'echo \'{"Username":"<token>","Secret":"t0ken"}\'')
  assert.deepEqual(await ask('token'), { identitytoken: 't0ken', serveraddress: 'r.example' })
})

test('a helper that knows nothing of the registry leaves the pull without credentials', async () => {
  await helpers.add('empty', 'echo credentials not found in native keychain; exit 1')
  assert.equal(await ask('empty'), undefined)
})

test('a helper gets nothing of the agent\'s environment but what it needs', async () => {
  await helpers.add('curious', `env > ${join(helpers.folder, 'environment')}; echo '{"Username":"u","Secret":"s"}'`)
  process.env['SLIPWAY_TEST_SECRET'] = 'hunter2'
  try {
    await ask('curious')
  } finally {
    delete process.env['SLIPWAY_TEST_SECRET']
  }
  const names = (await readFile(join(helpers.folder, 'environment'), 'utf8')).trim().split('\n').map(line => line.replace(/=.*/, ''))
  const allowed = ['PATH', 'HOME', 'USER', 'LANG', 'PWD', '_', 'SHLVL', 'OLDPWD']
  assert.deepEqual(names.filter(name => !allowed.includes(name)), [])
})

const failures: ReadonlyArray<readonly [name: string, script: string, message: RegExp]> = [
  ['angry', 'echo hunter2; echo hunter2 >&2; exit 3', /^docker-credential-angry ended with 3; `echo r.example \| docker-credential-angry get` on the host tells why$/],
  ['dead', 'kill -9 $$', /^docker-credential-dead ended with SIGKILL/],
  ['vague', 'echo hunter2', /^docker-credential-vague did not answer with a Username and a Secret$/],
  ['nameless', 'echo \'{"Secret":"hunter2"}\'', /did not answer with a Username and a Secret$/],
  ['endless', 'while :; do echo hunter2hunter2hunter2hunter2hunter2hunter2; done', /^docker-credential-endless answered with more than 64 KB$/],
]

for (const [name, script, message] of failures) {
  test(`what the helper "${name}" printed is in no message`, async () => {
    await helpers.add(name, script)
    await assert.rejects(ask(name), error => {
      assert.ok(error instanceof AgentError && error.code === 'CREDENTIALS_FAILED')
      assert.match(error.message, message)
      return !error.message.includes('hunter2')
    })
  })
}

test('a helper that is not there is said to be missing', async () => {
  await assert.rejects(ask('nowhere'), { code: 'CREDENTIALS_FAILED', message: 'docker-credential-nowhere is not on the agent\'s PATH' })
})

test('a helper that hangs is killed with those whom it started, and the pull stalls', async () => {
  const pidFile = join(helpers.folder, 'pid')
  await helpers.add('hung', `sleep 1000 & echo $! > ${pidFile}; wait`)
  await assert.rejects(ask('hung', 1_000), { code: 'STAGE_STALLED', message: 'docker-credential-hung gave no answer for 1 s' })
  const pid = Number(await readFile(pidFile, 'utf8'))
  await eventually(() => !isAlive(pid), { reason: 'that the helper\'s child has ended' })
})

test('a helper that leaves somebody behind who holds its output is not waited for', async () => {
  await helpers.add('daemon', 'sleep 1000 & echo \'{"Username":"u","Secret":"s"}\'')
  assert.equal((await ask('daemon'))?.username, 'u')
})

test('a pull that is cancelled ends its helper', async () => {
  await helpers.add('slow', 'sleep 1000')
  const cancel = new AbortController()
  const asked = ask('slow', patientMs, cancel.signal)
  const reason = new AgentError('CANCELLED', 'killed')
  cancel.abort(reason)
  await assert.rejects(asked, error => error === reason)
})

function isAlive (pid: number): boolean {
  try {
    process.kill(pid, 0)
    // A zombie whose parent does not reap it has ended all the same.
    return true
  } catch {
    return false
  }
}
