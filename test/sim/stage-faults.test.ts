import assert from 'node:assert/strict'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import type { TaskWish } from '../support/test-framework.ts'
import { startFaultGround, type FaultGround } from '../support/fault-ground.ts'
import { eventually } from '../support/eventually.ts'
import { stallingAt, startWebServer } from '../unit/workers/fetch/web-server.ts'

let ground: FaultGround

before(async () => { ground = await startFaultGround() })
after(async () => { await ground[Symbol.asyncDispose]() })

function withUri (value: string): TaskWish {
  return { info: { command: { shell: true, value: 'echo hi', uris: [{ value }] } } }
}

test('a sandbox that cannot be made fails the launch at prepare, and the engine is not asked for anything', async () => {
  const { agent, engine, framework } = ground
  const place = join(agent.workDir, 'slaves', `${agent.instanceId}-S0`, 'frameworks', framework.frameworkId, 'executors', 'in-the-way')
  await mkdir(dirname(place), { recursive: true })
  await writeFile(place, '')
  await engine.forgetCalls()
  const { state, message = '', labels } = await framework.run({ id: 'in-the-way', shell: 'true' })
  assert.equal(state, 'TASK_FAILED')
  assert.match(message, /^Failed to launch container: prepare failed: cannot make the sandbox: .*ENOTDIR|EEXIST/)
  assert.deepEqual(labels?.labels?.map(({ value }) => value), ['SANDBOX_FAILED', 'prepare'])
  assert.equal((await engine.calls()).some(({ call }) => call === 'create' || call === 'inspectImage'), false)
  assert.equal(await ground.failures('prepare', 'SANDBOX_FAILED'), 1)
  await rm(place)
  await ground.recover()
})

const pages = [
  { path: '/missing', told: 'is answered 404', code: 'FETCH_FAILED', cause: /fetch failed: .*\/missing.*404/ },
  { path: '/hang', told: 'hangs', code: 'STAGE_STALLED', cause: /fetch failed: .*1 s/ },
  { path: '/stall', told: 'stalls in the middle', code: 'STAGE_STALLED', cause: /fetch failed: file 1 of 1.*1 s/ },
  { path: '/cut', told: 'breaks off', code: 'FETCH_FAILED', cause: /fetch failed: .*\/cut/ },
] as const

for (const { path, told, code, cause } of pages) {
  test(`a URI that ${told} fails the launch at fetch, and no container is made`, async () => {
    await using server = await startWebServer({
      '/hang': () => {},
      '/stall': stallingAt(1_000, 10_000),
      '/cut': (_request, response) => { response.writeHead(200, { 'content-length': 10_000 }).write(Buffer.alloc(100), () => { response.destroy() }) },
    })
    const { engine, framework } = ground
    await engine.forgetCalls()
    const { state, message = '', labels } = await framework.run(withUri(server.origin + path))
    assert.equal(state, 'TASK_FAILED')
    assert.match(message, cause)
    assert.deepEqual(labels?.labels?.map(({ value }) => value), [code, 'fetch'])
    assert.equal((await engine.calls()).some(({ call }) => call === 'create'), false)
    await server.idle()
    await ground.recover()
  })
}

test('a fetch that fails ends the pull beside it', async () => {
  const { engine, framework } = ground
  const pulls = async (): ReturnType<typeof engine.calls> => (await engine.calls()).filter(({ call }) => call === 'pull')
  await engine.forgetCalls()
  await using server = await startWebServer({
    '/missing': (_request, response) => { void eventually(async () => (await pulls()).length === 1).finally(() => { response.writeHead(404).end() }) },
  })
  await engine.addRemoteImage('registry.test/slow:1', { chunkMs: 600 })
  const { message = '' } = await framework.run({ ...withUri(`${server.origin}/missing`), image: 'registry.test/slow:1' })
  assert.match(message, /fetch failed/)
  await eventually(async () => (await pulls()).every(({ isOpen, clientGone }) => clientGone && !isOpen))
  assert.equal((await engine.images()).includes('registry.test/slow:1'), false)
  await ground.recover()
})

test('a pull that fails ends the fetch beside it', async () => {
  await using server = await startWebServer({ '/hang': () => {} })
  const { message = '' } = await ground.framework.run({ ...withUri(`${server.origin}/hang`), image: 'registry.test/none:1' })
  assert.match(message, /pull failed: .*manifest unknown/)
  await server.idle()
  await ground.recover()
})

test('a container without cgroups, as one that has ended, is counted as gone and harms nobody', async () => {
  const count = (): Promise<number> => ground.agent.metric('slipway_isolations_total{finding="gone"}')
  const before = await count()
  assert.equal((await ground.framework.run({ shell: 'true' })).state, 'TASK_FINISHED')
  assert.equal(await count(), before + 1)
  await ground.recover()
})
