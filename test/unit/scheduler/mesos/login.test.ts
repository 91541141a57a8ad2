import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseUpid, type Upid } from '../../../../src/door/libprocess/upid.ts'
import { readCredential } from '../../../../src/model/credential.ts'
import { chain } from '../../../../src/model/errors.ts'
import { answerChallenge } from '../../../../src/scheduler/mesos/login/cram-md5.ts'
import { LoginAttempt } from '../../../../src/scheduler/mesos/login/login-attempt.ts'
import type { MessageTypes } from '../../../../src/wire/messages.ts'
import { decodeProtobuf, encodeProtobuf } from '../../../../src/wire/protobuf.ts'
import type { Internal } from '../../../support/libprocess-peer.ts'
import { needsGsasl, startGsaslServer } from '../../../support/sasl/gsasl.ts'

const credential = { principal: 'tim', secret: 'tanstaaftanstaaf' }
const challenge = Buffer.from('<1896.697170952@postoffice.reston.mci.net>')
const master = parseUpid('master@10.0.0.1:5050')!
const session: Upid = { ...master, id: 'crammd5-authenticator-session(1)' }

interface Sent { readonly name: string, readonly body: Uint8Array, readonly id: string }

function begin (): { attempt: LoginAttempt, sent: Sent[], say: <N extends Internal>(name: N, message: MessageTypes[N], from?: Upid) => void } {
  const sent: Sent[] = []
  const attempt = new LoginAttempt({
    master, agent: parseUpid('slave(1)@10.0.0.2:5051')!, credential, send: (message, id) => { sent.push({ ...message, id }) },
  })
  attempt.begin()
  return { attempt, sent, say: (name, message, from = session) => { attempt.hear({ name: `mesos.${name}`, body: encodeProtobuf(name, message) }, from) } }
}

test('the answer to a challenge is that of RFC 2195', () => {
  assert.equal(Buffer.from(answerChallenge(challenge, credential)).toString(), 'tim b913a602c7eda7a495b4e6e7334d3890')
})

test('GNU SASL lets in who answers with the same secret, and nobody else', needsGsasl(), async () => {
  for (const secret of ['tanstaaftanstaaf', 'a secret with spaces and ümlauts that is longer than the block of the hash: sixty-four bytes']) {
    using right = startGsaslServer(secret)
    assert.equal(await right.accepts(answerChallenge(await right.challenge, { principal: 'tim', secret })), true)
    using wrong = startGsaslServer(secret)
    assert.equal(await wrong.accepts(answerChallenge(await wrong.challenge, { principal: 'tim', secret: `${secret}!` })), false)
  }
})

test('a login goes as a master wants it, each message to the process that asked', async () => {
  const { attempt, sent, say } = begin()
  say('internal.AuthenticationMechanismsMessage', { mechanisms: ['CRAM-MD5'] })
  say('internal.AuthenticationStepMessage', { data: challenge })
  say('internal.AuthenticationCompletedMessage', {})
  await attempt.outcome
  assert.deepEqual(sent.map(({ name, id }) => [name.replace('mesos.internal.', ''), id]), [
    ['AuthenticateMessage', 'master'], ['AuthenticationStartMessage', session.id], ['AuthenticationStepMessage', session.id],
  ])
  assert.equal(decodeProtobuf('internal.AuthenticateMessage', sent[0]!.body).pid, 'slave(1)@10.0.0.2:5051')
  assert.equal(decodeProtobuf('internal.AuthenticationStartMessage', sent[1]!.body).mechanism, 'CRAM-MD5')
})

const endings: Array<[string, RegExp, (say: ReturnType<typeof begin>['say']) => void]> = [
  ['no mechanism that is known', /it knows GSSAPI, PLAIN, and not CRAM-MD5/, say => {
    say('internal.AuthenticationMechanismsMessage', { mechanisms: ['GSSAPI', 'PLAIN'] })
  }],
  ['an end without a question', /let us in without a question/, say => {
    say('internal.AuthenticationMechanismsMessage', { mechanisms: ['CRAM-MD5'] })
    say('internal.AuthenticationCompletedMessage', {})
  }],
  ['a second question', /asked a second time/, say => {
    say('internal.AuthenticationMechanismsMessage', { mechanisms: ['CRAM-MD5'] })
    say('internal.AuthenticationStepMessage', { data: challenge })
    say('internal.AuthenticationStepMessage', { data: challenge })
  }],
  ['an error of the master itself', /it said: No authenticator loaded\?$/, say => {
    say('internal.AuthenticationErrorMessage', { error: 'No authenticator loaded\n' }, master)
  }],
  ['a refusal', /refused the login of 'tim'/, say => {
    say('internal.AuthenticationMechanismsMessage', { mechanisms: ['CRAM-MD5'] })
    say('internal.AuthenticationStepMessage', { data: challenge })
    say('internal.AuthenticationFailedMessage', {})
  }],
]

for (const [what, why, play] of endings) {
  test(`a login ends with ${what}, and does not tell the secret`, async () => {
    const { attempt, say } = begin()
    play(say)
    await assert.rejects(attempt.outcome, (error: unknown) => {
      assert.match(chain(error), why)
      assert.doesNotMatch(chain(error), /tanstaaf/)
      return true
    })
  })
}

test('what others say counts for nothing: neither another machine, nor another process of the master', async () => {
  const { attempt, sent, say } = begin()
  const stranger: Upid = { ...session, ip: '10.0.0.9' }
  say('internal.AuthenticationMechanismsMessage', { mechanisms: ['CRAM-MD5'] }, stranger)
  say('internal.AuthenticationErrorMessage', { error: 'no' }, stranger)
  say('internal.AuthenticationStepMessage', { data: challenge })
  assert.equal(sent.length, 1)
  say('internal.AuthenticationMechanismsMessage', { mechanisms: ['CRAM-MD5'] })
  say('internal.AuthenticationFailedMessage', {}, { ...session, id: 'crammd5-authenticator-session(9)' })
  say('internal.AuthenticationStepMessage', { data: challenge })
  say('internal.AuthenticationCompletedMessage', {})
  await attempt.outcome
})

test('bytes that are no message end the login and nothing else', () => {
  fc.assert(fc.property(fc.constantFrom(...LoginAttempt.names), fc.uint8Array({ maxLength: 40 }), (name, body) => {
    const { attempt } = begin()
    attempt.hear({ name, body }, session)
  }))
})

test('a credential is JSON or a line of two words; what is wrong with one is told without what is in it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-credential-'))
  const file = join(folder, 'credential')
  try {
    for (const text of ['{"principal":"p","secret":"s"}', ' p s\n', 'p\ts']) {
      writeFileSync(file, text)
      assert.deepEqual(readCredential(file), { principal: 'p', secret: 's' })
    }
    for (const text of ['', 'hidden', '{"principal":"p"}', '{"principal":"p","secret":hidden}', '{"principal":1,"secret":"hidden"}']) {
      writeFileSync(file, text)
      assert.throws(() => readCredential(file), (error: unknown) => {
        assert.match(chain(error), /^--credential: /)
        assert.doesNotMatch(chain(error), /hidden/)
        return true
      })
    }
    assert.throws(() => readCredential(join(folder, 'none')), { code: 'SETTING_INVALID' })
  } finally {
    rmSync(folder, { recursive: true })
  }
})
