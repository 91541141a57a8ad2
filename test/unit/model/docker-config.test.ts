import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loginFor, parseDockerConfig, type Login } from '../../../src/model/docker-config.ts'
import { AgentError } from '../../../src/model/errors.ts'
import { registryOf } from '../../../src/model/registry.ts'

const digest = `sha256:${'0123456789abcdef'.repeat(4)}`
const encoded = (user: string, password: string): object => ({ auth: Buffer.from(`${user}:${password}`).toString('base64') })

const registries: ReadonlyArray<readonly [image: string, registry: string]> = [
  ['busybox', 'docker.io'], ['busybox:1', 'docker.io'], ['team/app', 'docker.io'], ['docker.io/team/app', 'docker.io'], ['index.docker.io/app', 'docker.io'],
  ['localhost/app', 'localhost'], ['localhost:5000/app:3', 'localhost:5000'], ['registry/app', 'docker.io'], ['registry:5000/app', 'registry:5000'],
  ['images.example/team/app:3', 'images.example'],
  [`127.0.0.1:5000/app@${digest}`, '127.0.0.1:5000'], ['[::1]:5000/app', '[::1]:5000'], ['Host/app', 'Host'],
]

for (const [image, registry] of registries) {
  test(`the registry of ${image.slice(0, 30)} is ${registry}`, () => { assert.equal(registryOf(image), registry) })
}

/** Which user a config with these keys gives for an image; each entry's user is its key. */
const matches: ReadonlyArray<readonly [image: string, keys: string[], user: string | undefined]> = [
  ['busybox', ['https://index.docker.io/v1/'], 'https://index.docker.io/v1/'],
  ['busybox', ['docker.io'], 'docker.io'],
  ['busybox', ['index.docker.io', 'https://index.docker.io/v1/'], 'https://index.docker.io/v1/'],
  ['busybox', ['images.example'], undefined],
  ['images.example/app', ['images.example'], 'images.example'],
  ['images.example/app', ['https://images.example'], 'https://images.example'],
  ['images.example/app', ['https://images.example/v1/'], 'https://images.example/v1/'],
  ['images.example/app', ['http://images.example/v2/x', 'images.example'], 'images.example'],
  ['Images.example/app', ['https://images.EXAMPLE'], 'https://images.EXAMPLE'],
  ['images.example:5000/app', ['images.example', 'https://images.example:5000'], 'https://images.example:5000'],
  ['images.example/app', ['images.example:5000', 'example', 'other.images.example'], undefined],
  ['images.example/app', ['https://index.docker.io/v1/'], undefined],
]

for (const [image, keys, user] of matches) {
  test(`${image} takes ${user ?? 'nobody'} of ${keys.join(' and ')}`, () => {
    const auths = Object.fromEntries(keys.map(key => [key, { username: key, password: 'secret' }]))
    const login = loginFor(image, parseDockerConfig(JSON.stringify({ auths }), 'config'))
    assert.equal(login.kind === 'given' ? login.auth.username : undefined, user)
  })
}

function login (config: object, image = 'r.example/app'): Login {
  return loginFor(image, parseDockerConfig(JSON.stringify(config), 'config'))
}

test('the old form of a docker config is read as well', () => {
  const found = login({ 'https://r.example': { ...encoded('me', 'pass:word'), email: 'me@example' } })
  const auth = { username: 'me', password: 'pass:word', serveraddress: 'r.example' }
  assert.deepEqual(found, { kind: 'given', registry: 'r.example', from: 'config', auth })
})

test('tokens are handed on', () => {
  const found = login({ auths: { 'r.example': { identitytoken: 'i', registrytoken: 'r' } } })
  assert.ok(found.kind === 'given')
  assert.deepEqual(found.auth, { username: '', password: '', identitytoken: 'i', registrytoken: 'r', serveraddress: 'r.example' })
})

test('a registry\'s own helper goes before the helper for all, and that before what is written', () => {
  const auths = { 'r.example': encoded('me', 'x') }
  const helperOf = (config: object): string => { const found = login(config); return found.kind === 'helper' ? found.helper : found.kind }
  assert.equal(helperOf({ auths, credsStore: 'all', credHelpers: { 'r.example': 'own' } }), 'own')
  assert.equal(helperOf({ auths, credsStore: 'all', credHelpers: { 'other.example': 'own' } }), 'all')
  assert.equal(helperOf({ auths, credsStore: 'all', credHelpers: { 'r.example': '' } }), 'given')
  assert.equal(helperOf({ auths: { 'r.example': {} } }), 'none')
})

test('a helper is asked by the name that Docker gives the registry', () => {
  assert.deepEqual(login({ credsStore: 'pass' }, 'busybox'), {
    kind: 'helper', registry: 'docker.io', from: 'config', helper: 'pass', server: 'https://index.docker.io/v1/',
  })
})

const secret = 'hunter2'
const broken: ReadonlyArray<readonly [what: string, text: string, message: RegExp]> = [
  ['no JSON', `{"auths": ${secret}`, /^config is no JSON$/],
  ['a list', `["${secret}"]`, /^config is no JSON object$/],
  ['auths that are a text', JSON.stringify({ auths: secret }), /^config: auths is no object$/],
  ['an entry that is a text', JSON.stringify({ auths: { 'r.example': secret } }), /^config: the entry "r.example" is no object$/],
  ['auth that is no pair', JSON.stringify({ auths: { 'r.example': { auth: secret } } }), /^config: the entry "r.example": auth is not USER:PASSWORD in base64$/],
  ['a password that is a number', JSON.stringify({ auths: { 'r.example': { password: 7, username: secret } } }), /password is no text$/],
  ['a helper that is a path', JSON.stringify({ credsStore: `../${secret}` }), /a credential helper has a name that cannot be a program's$/],
]

for (const [what, text, message] of broken) {
  test(`a docker config with ${what} is told of without a word of it`, () => {
    assert.throws(() => loginFor('r.example/app', parseDockerConfig(text, 'config')), error => {
      assert.ok(error instanceof AgentError && error.code === 'CREDENTIALS_FAILED')
      assert.match(error.message, message)
      assert.ok(!error.message.includes(secret) && error.cause === undefined)
      return true
    })
  })
}

test('what is wrong with another registry\'s entry is no matter', () => {
  assert.equal(login({ auths: { 'other.example': 7, 'r.example': encoded('me', 'x') } }).kind, 'given')
})
