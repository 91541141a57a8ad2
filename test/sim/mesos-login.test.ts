import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { eventually } from '../support/eventually.ts'
import { Authenticator } from '../support/mesos-master/authenticator.ts'
import { TestMaster } from '../support/mesos-master/test-master.ts'
import { needsGsasl } from '../support/sasl/gsasl.ts'
import { startSimEngine } from '../support/sim-engine.ts'
import { startTestAgent, type TestSettings } from '../support/test-agent.ts'

const options = { ...needsGsasl(), timeout: 120_000 }
const folder = mkdtempSync(join(tmpdir(), 'slipway-login-'))
after(() => { rmSync(folder, { recursive: true }) })

const known = { principal: 'agents', secret: 'open sesame' }

function settings (master: TestMaster, secret = known.secret): TestSettings {
  const credential = join(folder, `credential-${secret}`)
  writeFileSync(credential, JSON.stringify({ ...known, secret }))
  return { master: master.address, credential: `file://${credential}`, registrationBackoffFactor: '50ms', authenticationTimeoutMin: '2s' }
}

test('an agent with a credential logs in before it registers', options, async () => {
  await using engine = await startSimEngine()
  await using master = await TestMaster.start()
  using authenticator = new Authenticator(master, known)
  await using _agent = await startTestAgent(engine.socket, settings(master))
  await master.registered()
  assert.deepEqual(authenticator.loggedIn, [master.agentPid])
})

test('a login that nobody answers is tried again', options, async () => {
  await using engine = await startSimEngine()
  await using master = await TestMaster.start()
  using authenticator = new Authenticator(master, { ...known, mute: 1 })
  await using _agent = await startTestAgent(engine.socket, settings(master))
  await eventually(() => authenticator.logins > 1, { withinMs: 40_000 })
  await master.registered()
})

test('a master that refuses the secret ends the agent, in words without it', options, async () => {
  await using engine = await startSimEngine()
  await using master = await TestMaster.start()
  using authenticator = new Authenticator(master, known)
  await using agent = await startTestAgent(engine.socket, settings(master, 'a-wrong-one'))
  const { cause, tasks } = await agent.over
  assert.equal(cause.code, 'LOGIN_REFUSED')
  assert.match(cause.message, /^master@127\.0\.0\.1:\d+ refused the login of 'agents'$/)
  assert.equal(tasks, 'leave')
  assert.deepEqual([authenticator.loggedIn, master.registrations], [[], 0])
})

test('a master without an authenticator is asked again and again', options, async () => {
  await using engine = await startSimEngine()
  await using master = await TestMaster.start()
  using authenticator = new Authenticator(master, { ...known, error: 'No authenticator loaded' })
  await using _agent = await startTestAgent(engine.socket, settings(master))
  await eventually(() => authenticator.logins > 2, { withinMs: 40_000 })
  assert.equal(master.registrations, 0)
})
