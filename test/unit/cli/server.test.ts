import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { findServer } from '../../../src/cli/server.ts'

const folder = mkdtempSync(join(tmpdir(), 'slipway-server-'))
after(() => { rmSync(folder, { recursive: true }) })
const env = { SLIPWAY_WORK_DIR: folder }

test('an address is found by flag, then environment, then default, with or without a scheme', () => {
  assert.equal(findServer({ master: 'h:1' }, { SLIPWAY_MASTER: 'http://e' }).url, 'http://h:1')
  assert.equal(findServer({}, { SLIPWAY_MASTER: 'https://e/' }).url, 'https://e')
  assert.equal(findServer({}, {}).url, 'http://127.0.0.1:5051')
  assert.throws(() => findServer({ master: 'http://' }, {}), /no address of an agent/)
})

test('the token is that of the environment, then the file, then this host\'s agent', () => {
  const file = join(folder, 'mine')
  writeFileSync(file, 'from-file\n')
  writeFileSync(join(folder, 'auth-token'), 'from-work-dir\n')
  assert.equal(findServer({ tokenFile: file }, { ...env, SLIPWAY_TOKEN: 't' }).token, 't')
  assert.equal(findServer({ tokenFile: file }, env).token, 'from-file')
  assert.equal(findServer({}, env).token, 'from-work-dir')
  assert.throws(() => findServer({ tokenFile: '/not/there' }, env), { code: 'UNAUTHORIZED' })
})

test('what cannot be a token is refused by the name of its place, without its content', () => {
  const file = join(folder, 'odd')
  for (const text of ['', ' \n', 'two\nlines', 'two words', 'sécret', 'x\u0007y']) {
    writeFileSync(file, text)
    assert.throws(() => findServer({ tokenFile: file }, env), { code: 'UNAUTHORIZED', message: `the token file ${file} holds no token` }, text)
  }
  assert.throws(() => findServer({}, { ...env, SLIPWAY_TOKEN: 'two words' }), { code: 'UNAUTHORIZED', message: 'SLIPWAY_TOKEN holds no token' })
})

test('the token of this host\'s agent is sent nowhere else', () => {
  writeFileSync(join(folder, 'auth-token'), 'from-work-dir\n')
  const foreign = ['http://10.0.0.1:5051', 'http://127.0.0.1.example.org', 'https://example.org']
  for (const master of foreign) assert.equal(findServer({ master }, env).token, undefined)
  const own = ['localhost:5051', 'http://127.9.9.9', 'http://[::1]:5051']
  for (const master of own) assert.equal(findServer({ master }, env).token, 'from-work-dir')
})
