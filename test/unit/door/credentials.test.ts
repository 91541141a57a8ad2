import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { silentLog } from '../../../src/base/log.ts'
import { isKnown, parseCredentials, readCredentials } from '../../../src/door/credentials.ts'
import { startDoor } from '../../../src/door/start-door.ts'

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`
const credentials = [{ principal: 'ops', secret: 'pass:word' }, { principal: 'web', secret: 'other' }]

test('a file of credentials is JSON, or lines of a name and a password', () => {
  assert.deepEqual(parseCredentials(JSON.stringify({ credentials })), credentials)
  assert.deepEqual(parseCredentials('ops pass:word\n\n web\tother \n'), credentials)
})

test('a name and its own password are known, and nothing else is', () => {
  for (const { principal, secret } of credentials) assert.ok(isKnown(basic(`${principal}:${secret}`), credentials))
  assert.ok(isKnown(basic('web:other').replace('Basic', 'basic'), credentials))
  const near = ['ops:other', 'web:', 'web:other ', ':other', 'ops:pass'].map(basic)
  const wrong = [undefined, '', 'Basic', 'Basic !', 'Bearer b3RoZXI=', ...near]
  for (const header of wrong) assert.ok(!isKnown(header, credentials), header)
  assert.ok(!isKnown(basic(':'), []))
})

test('a file that is damaged is refused without a word of what is in it', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-credentials-'))
  t.after(() => { rmSync(folder, { recursive: true }) })
  const file = join(folder, 'credentials')
  const halves = ['principal', 'secret'].map(half => JSON.stringify({ credentials: [{ [half]: 'topsecret' }] }))
  for (const text of ['', '{topsecret', 'topsecret', 'topsecret a b', ...halves]) {
    writeFileSync(file, text)
    await assert.rejects(readCredentials(file), (error: Error) => {
      assert.match(error.message, /^httpCredentials: .*credentials: /)
      return !error.message.includes('topsecret')
    })
  }
  await assert.rejects(readCredentials(join(folder, 'none')), { code: 'SETTING_INVALID' })
  assert.deepEqual(await readCredentials(undefined), [])
})

test('a door takes names and passwords as well, and can be open to those who only look', async () => {
  const door = await startDoor({
    ip: '127.0.0.1', port: 0, token: 'token', openPaths: [], log: silentLog, credentials, isReadingOpen: true,
    routes: app => {
      app.get('/look', { config: { onlyReads: true } }, () => 'seen')
      app.get('/other', () => 'done')
    },
  })
  try {
    door.ready = true
    const ask = async (path: string, authorization?: string): Promise<Response> => {
      return await fetch(door.url + path, { headers: authorization === undefined ? {} : { authorization } })
    }
    assert.equal((await ask('/look')).status, 200)
    assert.equal((await ask('/other', basic('web:other'))).status, 200)
    assert.equal((await ask('/other', 'Bearer token')).status, 200)
    assert.equal((await ask('/other', basic('web:wrong'))).status, 401)
    assert.equal((await ask('/nowhere')).status, 401)
    const refused = await ask('/other')
    assert.deepEqual([refused.status, refused.headers.get('www-authenticate')], [401, 'Basic realm="slipway"'])
  } finally {
    await door.close()
  }
})
