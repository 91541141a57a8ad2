import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { checkDockerConfig, loginOf, mayBringCredentials } from '../../../src/containerizer/credentials.ts'
import type { ContainerSpec } from '../../../src/model/container-spec.ts'
import type { Login } from '../../../src/model/docker-config.ts'
import type { FetchUri } from '../../../src/model/uri.ts'

let folder: string
let count = 0
before(async () => { folder = await mkdtemp(join(tmpdir(), 'slipway-credentials-')) })
after(() => rm(folder, { recursive: true, force: true }))

const never = new AbortController().signal
const config = (user: string): string => JSON.stringify({ auths: { 'r.example': { username: user, password: 'p' } } })
const uri = (value: string, more: Partial<FetchUri> = {}): FetchUri => ({ value, executable: false, extract: true, outputFile: undefined, ...more })

const bringing: ReadonlyArray<readonly [FetchUri, boolean]> = [
  [uri('http://h/.dockercfg'), true], [uri('http://h/.dockercfg?x=1'), true], [uri('/etc/.dockercfg'), true],
  [uri('http://h/c', { outputFile: '.docker/config.json' }), true], [uri('http://h/c', { outputFile: './.docker/config.json' }), true],
  [uri('file:///etc/docker.tar.gz'), true], [uri('http://h/a.zip'), true],
  [uri('http://h/a.zip', { extract: false }), false], [uri('http://h/a.zip', { executable: true }), false],
  [uri('http://h/config.json'), false], [uri('http://h/data.bin'), false], [uri('http://h/x', { outputFile: 'a/.dockercfg' }), false],
]

for (const [one, expected] of bringing) {
  const what = [one.value, one.outputFile && `as ${one.outputFile}`, !one.extract && 'as it is', one.executable && 'to be executed'].filter(Boolean).join(' ')
  test(`${what} ${expected ? 'may bring' : 'brings no'} credentials`, () => { assert.equal(mayBringCredentials([one]), expected) })
}

interface Ground {
  files?: Record<string, string>
  dockerConfig?: string
  taskHelpers?: string[]
  fetched?: Promise<void>
  uris?: FetchUri[]
  signal?: AbortSignal
}

async function login (ground: Ground): Promise<Login> {
  const sandbox = join(folder, String(count++))
  await mkdir(sandbox)
  for (const [name, text] of Object.entries(ground.files ?? {})) {
    await mkdir(dirname(join(sandbox, name)), { recursive: true })
    if (text.startsWith('->')) await symlink(text.slice(2), join(sandbox, name))
    else await writeFile(join(sandbox, name), text)
  }
  const { uris = [uri('/x/.dockercfg')], fetched = Promise.resolve(), dockerConfig, taskHelpers = [], signal = never } = ground
  const spec = { image: 'r.example/app:3', uris, sandbox: { hostPath: sandbox, containerPath: '/s' } } as unknown as ContainerSpec
  return await loginOf(spec, fetched, { dockerConfig, taskHelpers }, signal)
}

const userOf = async (ground: Ground): Promise<string | undefined> => {
  const found = await login(ground)
  return found.kind === 'given' ? found.auth.username : undefined
}

test('what a task has fetched goes before what the operator gave, config.json before .dockercfg', async () => {
  const dockerConfig = config('operator')
  assert.equal(await userOf({ dockerConfig, files: { '.docker/config.json': config('new'), '.dockercfg': config('old') } }), 'new')
  assert.equal(await userOf({ dockerConfig, files: { '.dockercfg': config('old') } }), 'old')
  assert.equal(await userOf({ dockerConfig }), 'operator')
  assert.equal(await userOf({}), undefined)
})

test('only a task that may fetch credentials is looked at', async () => {
  const fetched = new Promise<void>(() => {})
  assert.equal(await userOf({ dockerConfig: config('operator'), fetched, uris: [uri('http://h/data')], files: { '.dockercfg': config('old') } }), 'operator')
})

test('one who waits for a fetch that does not end goes when he is told to', async () => {
  const reason = new Error('enough')
  await assert.rejects(login({ fetched: new Promise<void>(() => {}), signal: AbortSignal.abort(reason) }), reason)
})

test('a link in the sandbox does not lead to the host\'s own credentials', async () => {
  await writeFile(join(folder, 'secret.json'), config('root'))
  for (const files of [{ '.dockercfg': `->${folder}/secret.json` }, { '.docker': `->${folder}` }, { '.dockercfg': '->nowhere' }]) {
    if ('.docker' in files) await writeFile(join(folder, 'config.json'), config('root'))
    await assert.rejects(login({ files }), { code: 'CREDENTIALS_FAILED', message: /^the task's .* is reached by a link$/ })
  }
})

test('a task\'s own config may name a helper only by the operator\'s leave; the operator\'s may name any', async () => {
  const helped = JSON.stringify({ credsStore: 'pass' })
  const message = /helper pass is not allowed; --allow-credential-helpers would allow it/
  await assert.rejects(login({ files: { '.dockercfg': helped } }), { code: 'NOT_ALLOWED', message })
  assert.equal((await login({ files: { '.dockercfg': helped }, taskHelpers: ['pass'] })).kind, 'helper')
  assert.equal((await login({ dockerConfig: helped })).kind, 'helper')
})

test('the operator\'s file is read anew for each pull', async () => {
  const dockerConfig = join(folder, 'operator.json')
  await writeFile(dockerConfig, config('first'))
  assert.equal(await userOf({ dockerConfig }), 'first')
  await writeFile(dockerConfig, config('second'))
  assert.equal(await userOf({ dockerConfig }), 'second')
})

test('an operator\'s file that cannot be used is told of when the agent starts', async () => {
  await checkDockerConfig(undefined)
  const message = /^dockerConfig: --docker-config \/.* cannot be read \(ENOENT\)$/
  await assert.rejects(checkDockerConfig(join(folder, 'nowhere')), { code: 'SETTING_INVALID', message })
  await assert.rejects(checkDockerConfig(folder), { code: 'SETTING_INVALID', message: /is no file/ })
})
