import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { appendFileSync, renameSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { startSimEngine, type SimEngine } from '../support/sim-engine.ts'
import { startTestAgent, type TestAgent } from '../support/test-agent.ts'

let engine: SimEngine
let agent: TestAgent
let sandbox: string
let virtual: string

/** One agent and one sandbox for all: nothing here changes what others look at. */
before(async () => {
  engine = await startSimEngine()
  agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  const end = await framework.run({ id: 'writer', shell: 'echo hello' })
  const executor = `frameworks/${framework.frameworkId}/executors/writer/runs`
  virtual = `/${executor}/latest`
  sandbox = join(agent.workDir, 'slaves', `${agent.instanceId}-S0`, executor, end.container_status?.container_id?.value ?? '')
})

after(async () => {
  await agent[Symbol.asyncDispose]()
  await engine[Symbol.asyncDispose]()
})

const read = (path: string, more = ''): ReturnType<TestAgent['get']> => agent.get(`/files/read?path=${encodeURIComponent(path)}${more}`)
const download = (path: string): ReturnType<TestAgent['get']> => agent.get(`/files/download?path=${encodeURIComponent(path)}`)

test('a finished task\'s output is read by its real path, its latest run, and Mesos\'s virtual path', async () => {
  for (const path of [sandbox, join(sandbox, '../latest'), virtual]) {
    assert.deepEqual(await read(`${path}/stdout`, '&offset=0'), { status: 200, text: '{"data":"hello\\n","offset":0}' })
  }
})

test('sandboxes of an earlier run of the agent are served, too', async () => {
  const earlier = join(sandbox, '../earlier')
  execFileSync('cp', ['-r', sandbox, earlier])
  assert.equal((await read(`${earlier}/stdout`, '&offset=0')).status, 200)
})

test('without the token nothing is read', async () => {
  const others = ['/state', '/flags', '/slave(1)/state', '/slave%281%29/state', '/slipway/v1/containers', '/slipway/v1/events']
  for (const path of ['/files/read', '/files/browse', '/files/download', '/files/debug', ...others]) {
    assert.equal((await fetch(`${agent.url}${path}?path=${sandbox}/stdout`)).status, 401, path)
  }
})

const outside: ReadonlyArray<readonly [string, () => string]> = [
  ['the work directory', () => agent.workDir],
  ['the token', () => join(agent.workDir, 'auth-token')],
  ['the token, by ..', () => `${sandbox}/../../../../../../../../auth-token`],
  ['the token, by .. after the virtual path', () => `${virtual}/../../../../../../../../../auth-token`],
  ['a folder above the sandbox', () => join(sandbox, '..')],
  ['a framework that is ..', () => '/frameworks/../executors/../runs/../../agent.json'],
  ['the host', () => '/etc/hostname'],
  ['.. written twice over', () => `${sandbox}/%2e%2e/%2e%2e`],
  ['a NUL', () => `${sandbox}/stdout\0.txt`],
  ['nothing that is a path', () => 'stdout'],
]

for (const [name, path] of outside) {
  test(`${name} is not found`, async () => {
    for (const answer of [await read(path(), '&offset=0'), await agent.get(`/files/browse?path=${encodeURIComponent(path())}`)]) {
      assert.deepEqual(answer, { status: 404, text: '' })
    }
    assert.equal((await download(path())).status, 404)
  })
}

test('a link to the outside is not found, one that stays inside is followed', async () => {
  symlinkSync(join(agent.workDir, 'auth-token'), join(sandbox, 'token'))
  symlinkSync('../../../../../../../../auth-token', join(sandbox, 'token-up'))
  symlinkSync('stdout', join(sandbox, 'output'))
  assert.equal((await read(`${sandbox}/token`, '&offset=0')).status, 404)
  assert.equal((await download(`${sandbox}/token-up`)).status, 404)
  assert.equal((await download(`${sandbox}/output`)).text, 'hello\n')
})

test('a fifo, a device and a socket are not read, and nobody waits', { timeout: 10_000 }, async () => {
  execFileSync('mkfifo', [join(sandbox, 'fifo')])
  const names = ['fifo', ...process.getuid?.() === 0 ? ['zero'] : []]
  if (names.includes('zero')) execFileSync('mknod', [join(sandbox, 'zero'), 'c', '1', '5'])
  for (const name of names) {
    assert.deepEqual(await read(`${sandbox}/${name}`, '&offset=0'), { status: 400, text: 'Cannot read what is not a regular file.\n' })
    assert.deepEqual(await read(`${sandbox}/${name}`), { status: 400, text: 'Cannot read what is not a regular file.\n' })
    assert.equal((await download(`${sandbox}/${name}`)).status, 400)
  }
})

test('offsets and lengths of any size are understood or refused', async () => {
  assert.equal((await read(`${sandbox}/stdout`, '&offset=9223372036854775807')).text, '{"data":"","offset":9223372036854775807}')
  assert.equal((await read(`${sandbox}/stdout`, '&offset=0&length=9223372036854775807')).text, '{"data":"hello\\n","offset":0}')
  for (const bad of ['9223372036854775808', '1e3', '0x10', '', ' 1', '1.5']) assert.equal((await read(`${sandbox}/stdout`, `&offset=${bad}`)).status, 400, bad)
})

test('a large file comes in pieces of 64 KB, and as a whole by download', async () => {
  const path = join(sandbox, 'large file')
  const bytes = Buffer.alloc(200_000, 'abcdefghi\n')
  writeFileSync(path, bytes)
  const { data } = JSON.parse((await read(path, '&offset=100')).text) as { data: string }
  assert.equal(data, bytes.subarray(100, 100 + 65_536).toString())
  const answer = await fetch(`${agent.url}/files/download?path=${encodeURIComponent(path)}`, { headers: { authorization: `Bearer ${agent.token}` } })
  assert.equal(answer.headers.get('content-disposition'), 'attachment; filename*=UTF-8\'\'large%20file')
  assert.equal(answer.headers.get('content-length'), '200000')
  assert.deepEqual(Buffer.from(await answer.arrayBuffer()), bytes)
})

test('a download of a file that grows is what it was; of one that shrinks it breaks off, and does not hang', { timeout: 20_000 }, async () => {
  const path = join(sandbox, 'changing')
  const url = `${agent.url}/files/download?path=${encodeURIComponent(path)}`
  const size = 50_000_000
  const ask = (): Promise<Response> => fetch(url, { headers: { authorization: `Bearer ${agent.token}` } })
  writeFileSync(path, Buffer.alloc(size))
  const growing = await ask()
  appendFileSync(path, 'more')
  assert.equal((await growing.arrayBuffer()).byteLength, size)
  const shrinking = await ask()
  truncateSync(path, 10)
  await assert.rejects(shrinking.arrayBuffer())
})

test('a file that is swapped for a link while it is downloaded stays the file', async () => {
  const path = join(sandbox, 'swapped')
  writeFileSync(path, Buffer.alloc(5_000_000, 'inside'))
  const answer = await fetch(`${agent.url}/files/download?path=${encodeURIComponent(path)}`, { headers: { authorization: `Bearer ${agent.token}` } })
  symlinkSync(join(agent.workDir, 'auth-token'), `${path}.link`)
  renameSync(`${path}.link`, path)
  assert.deepEqual(Buffer.from(await answer.arrayBuffer()), Buffer.alloc(5_000_000, 'inside'))
})

test('jsonp takes the name of a function and nothing else', async () => {
  assert.equal((await read(`${sandbox}/stdout`, '&offset=0&jsonp=lib.show')).text, 'lib.show({"data":"hello\\n","offset":0})')
  assert.equal((await read(`${sandbox}/stdout`, '&offset=0&jsonp=alert(1)//')).status, 400)
})
