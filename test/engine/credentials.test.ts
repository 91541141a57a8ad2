import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, test } from 'node:test'
import type { Log } from '../../src/base/log.ts'
import type { v1 } from '../../src/wire/messages.ts'
import { askEngine } from '../support/engine-api.ts'
import { helpersOnPath, type HelperFolder } from '../support/credential-helpers.ts'
import { busyboxImage, ensureBusybox, pushTo, removeImage } from '../support/images.ts'
import { nothingLeft } from '../support/nothing-left.ts'
import { registryUser, startPasswordRegistry, type PasswordRegistry } from '../support/password-registry.ts'
import { needsRegistry } from '../support/requires.ts'
import { startTestAgent, type TestSettings } from '../support/test-agent.ts'
import type { TaskWish } from '../support/test-framework.ts'

const { socket, skip } = needsRegistry()
const { username, password } = registryUser
let registry: PasswordRegistry
let helpers: HelperFolder
let folder: string
let image: string

before(async () => {
  if (skip !== false) return
  await ensureBusybox(socket)
  registry = await startPasswordRegistry()
  helpers = await helpersOnPath()
  folder = await mkdtemp(join(tmpdir(), 'slipway-credentials-'))
  await chmod(folder, 0o755)
  image = await pushTo(socket, registry.address, busyboxImage, { username, password, serveraddress: registry.address })
})

beforeEach(async () => { if (skip === false) await removeImage(socket, image) })

after(async () => {
  if (skip !== false) return
  await removeImage(socket, image)
  await helpers[Symbol.asyncDispose]()
  await registry[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

function config (word: string): string {
  return JSON.stringify({ auths: { [registry.address]: { auth: Buffer.from(`${username}:${word}`).toString('base64') } } })
}

/** Puts it where everybody may read it; answers the path. */
async function kept (name: string, text: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, text)
  return path
}

function fetching (value: string, outputFile?: string): Partial<TaskWish> {
  return { info: { command: { shell: true, value: 'true', uris: [{ value, ...(outputFile !== undefined && { output_file: outputFile }) }] } } }
}

/** Runs one task of the image on an agent of its own; answers its last word and everything else that the agent has said. */
async function run (settings: TestSettings, wish: Partial<TaskWish> = {}): Promise<{ end: v1.TaskStatus, said: string }> {
  const lines: string[] = []
  await using agent = await startTestAgent(socket, { pullStallTimeout: '3s', ...settings }, logTo(lines))
  const framework = await agent.subscribe()
  const end = await framework.run({ image, shell: 'true', ...wish })
  for (const path of ['/flags', '/state', '/metrics', '/slipway/v1/containers']) lines.push((await agent.get(path)).text)
  lines.push(JSON.stringify([...framework.statuses]))
  await nothingLeft(socket, agent.instanceId)
  return { end, said: lines.join('\n') }
}

function logTo (lines: string[]): Log {
  const write = (fields: object, message: string): void => {
    lines.push(`${message} ${JSON.stringify(fields, (_key, value: unknown) => value instanceof Error ? [value.message, String(value.cause)] : value)}`)
  }
  const log: Log = { debug: write, info: write, warn: write, error: write, child: () => log }
  return log
}

function assertSilent (said: string): void {
  for (const secret of [password, Buffer.from(`${username}:${password}`).toString('base64')]) assert.ok(!said.includes(secret), 'the password was told')
}

function assertFailed ({ state, message = '', labels }: v1.TaskStatus, code: string, words: RegExp): void {
  assert.equal(state, 'TASK_FAILED', message)
  assert.match(message, words)
  assert.equal(labels?.labels?.find(({ key }) => key === 'slipway.error_code')?.value, code)
}

test('with the operator\'s docker config, as a file or as JSON, a task has its image; nobody hears the password', { skip }, async () => {
  for (const dockerConfig of [await kept('config.json', config(password)), config(password)]) {
    await removeImage(socket, image)
    const { end, said } = await run({ dockerConfig })
    assert.equal(end.state, 'TASK_FINISHED', end.message)
    assertSilent(said)
  }
})

test('without credentials, and with wrong ones, the pull is denied, and it is told whose they were', { skip }, async () => {
  const host = registry.address.replaceAll('.', '\\.')
  const nobody = await run({})
  assertFailed(nobody.end, 'DENIED', new RegExp(`pull failed: image ${image}: without credentials for ${host}: .*no basic auth credentials`))
  const wrong = await run({ dockerConfig: await kept('wrong.json', config('guess')) })
  assertFailed(wrong.end, 'DENIED', new RegExp(`with the credentials for ${host} in --docker-config ${folder}/wrong.json: .*unauthorized`))
})

test('a .dockercfg or a .docker/config.json among a task\'s URIs is fetched first, and goes before the operator\'s', { skip }, async () => {
  const dockerConfig = config('guess')
  const legacy = await kept('.dockercfg', JSON.stringify((JSON.parse(config(password)) as { auths: object }).auths))
  const modern = await kept('mine.json', config(password))
  for (const wish of [fetching(legacy), fetching(`file://${modern}`, '.docker/config.json'), fetching(await archive())]) {
    await removeImage(socket, image)
    const { end, said } = await run({ dockerConfig }, wish)
    assert.equal(end.state, 'TASK_FINISHED', end.message)
    assertSilent(said)
  }
})

/** docker.tar.gz, as `tar czf docker.tar.gz .docker` makes it. */
async function archive (): Promise<string> {
  await mkdir(join(folder, '.docker'))
  await kept('.docker/config.json', config(password))
  const path = join(folder, 'docker.tar.gz')
  execFileSync('tar', ['--create', '--gzip', '--file', path, '--directory', folder, '.docker'])
  await chmod(path, 0o644)
  return path
}

test('an image is pulled by its digest as well, and by tag and digest', { skip }, async () => {
  const dockerConfig = config(password)
  assert.equal((await run({ dockerConfig })).end.state, 'TASK_FINISHED')
  const { RepoDigests: digests } = await askEngine<{ RepoDigests: string[] }>(socket, `GET /images/${image}/json`)
  const byDigest = digests.find(name => name.startsWith(registry.address)) ?? ''
  await removeImage(socket, image)
  for (const name of [byDigest, `${image}@${byDigest.split('@')[1]}`]) {
    const { end } = await run({ dockerConfig }, { image: name })
    assert.equal(end.state, 'TASK_FINISHED', end.message)
    await removeImage(socket, byDigest)
  }
})

test('a helper on the agent\'s PATH is asked; one that hangs ends the pull, not the agent', { skip }, async () => {
  await helpers.add('slipway-test', `grep -qx '${registry.address}' || exit 9; printf '{"Username":"%s","Secret":"%s"}' '${username}' '${password}'`)
  await helpers.add('slipway-hung', 'sleep 1000')
  const { end, said } = await run({ dockerConfig: JSON.stringify({ credHelpers: { [registry.address]: 'slipway-test' } }) })
  assert.equal(end.state, 'TASK_FINISHED', end.message)
  assertSilent(said)
  await removeImage(socket, image)
  const hung = await run({ dockerConfig: JSON.stringify({ credsStore: 'slipway-hung' }) })
  assertFailed(hung.end, 'STAGE_STALLED', /docker-credential-slipway-hung gave no answer for 3 s/)
})

test('an image that is there is anybody\'s, unless the task or the operator wants it pulled', { skip }, async () => {
  assert.equal((await run({ dockerConfig: config(password) })).end.state, 'TASK_FINISHED')
  assert.equal((await run({})).end.state, 'TASK_FINISHED')
  const container: v1.ContainerInfo = { type: 'DOCKER', docker: { image, network: 'HOST', force_pull_image: true } }
  assertFailed((await run({}, { info: { container } })).end, 'DENIED', /without credentials/)
  assert.equal((await run({ dockerConfig: config(password) }, { info: { container } })).end.state, 'TASK_FINISHED')
  assertFailed((await run({ alwaysPull: true })).end, 'DENIED', /without credentials/)
})
