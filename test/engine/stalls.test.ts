import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { v1 } from '../../src/wire/messages.ts'
import { engineGround } from '../support/engine-ground.ts'
import { eventually } from '../support/eventually.ts'
import { removeImage } from '../support/images.ts'
import { pushNoise } from '../support/noise-image.ts'
import { needsRegistry } from '../support/requires.ts'
import { startSlowRegistry } from '../support/slow-registry.ts'
import { startTestAgent } from '../support/test-agent.ts'
import type { TaskWish } from '../support/test-framework.ts'
import { recordThreads } from '../support/threads.ts'
import { startWebServer } from '../support/web-server.ts'

const { socket, registry, skip } = needsRegistry()
const ground = engineGround({ pullStallTimeout: '2s', fetchStallTimeout: '2s' })
const stallMs = 2_000
const noiseBytes = 3_000_000
/** What may pass besides a deadline itself, on a machine that has other things to do. */
const slackMs = 4_000
const halfWay = String.raw`layer 1 of 1 \([0-9a-f]{12}\) at (0\.[5-9]|1\.\d) of 3\.\d MB, \d+\.\d MB/s in all`

interface Failure { readonly message: RegExp, readonly code: string, readonly withinMs: number }

async function assertFails (wish: TaskWish, { message, code, withinMs }: Failure): Promise<void> {
  const startedAt = performance.now()
  const end = await ground.framework.run(wish)
  const tookMs = performance.now() - startedAt
  assert.equal(end.state, 'TASK_FAILED')
  assert.match(end.message ?? '', message)
  assert.equal(labelOf(end, 'slipway.error_code'), code)
  assert.ok(tookMs < withinMs, `it took ${tookMs} ms`)
}

function labelOf (status: v1.TaskStatus, key: string): string | undefined {
  return status.labels?.labels?.find(label => label.key === key)?.value
}

function withUri (value: string): TaskWish {
  return { image: ground.image, info: { command: { shell: true, value: 'true', uris: [{ value }] } } }
}

test('a pull that stalls in the middle of a layer fails after the time without progress, and says how far it was', { skip }, async () => {
  await using slow = await startSlowRegistry(registry)
  const image = `${slow.address}/${await pushNoise(socket, registry, noiseBytes)}`
  const message = new RegExp(`^Failed to launch container: pull failed: image ${image}: ${halfWay}: no progress for 2 s$`)
  await assertFails({ image, argv: ['true'] }, { message, code: 'STAGE_STALLED', withinMs: stallMs + slackMs })
})

test('a pull from a registry that wants credentials fails as denied', { skip }, async () => {
  await using strict = await startWebServer((_request, response) => {
    response.writeHead(401, { 'www-authenticate': 'Basic realm="test"', 'content-type': 'application/json' })
    response.end('{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}')
  })
  const image = `${strict.host}/private/app:1`
  const message = new RegExp(`^Failed to launch container: pull failed: image ${image}: .*(no basic auth|unauthorized)`)
  await assertFails({ image, argv: ['true'] }, { message, code: 'DENIED', withinMs: slackMs })
})

test('a URI that answers 404 fails the fetch with its name and the answer', { skip }, async () => {
  await using web = await startWebServer((_request, response) => response.writeHead(404).end())
  const uri = `http://${web.host}/tools/nothing.bin`
  const message = new RegExp(`^Failed to launch container: fetch failed: .*${uri}.*404`)
  await assertFails(withUri(uri), { message, code: 'FETCH_FAILED', withinMs: slackMs })
})

test('a URI that stalls fails the fetch after the time without a byte, and says how far it was', { skip }, async () => {
  await using web = await startWebServer((_request, response) => {
    response.writeHead(200, { 'content-length': 3_000_000 })
    response.write(Buffer.alloc(1_000_000))
  })
  const message = /^Failed to launch container: fetch failed: .*big\.bin.*no byte for 2 s, at 1 of 3 MB \(\d+ kB\/s\)$/
  await assertFails(withUri(`http://${web.host}/big.bin`), { message, code: 'STAGE_STALLED', withinMs: stallMs + slackMs })
})

test('fifty tasks of one missing image cause one pull, and one of them killed does not stop the others', { skip }, async () => {
  await using slow = await startSlowRegistry(registry)
  const name = await pushNoise(socket, registry, noiseBytes)
  const image = `${slow.address}/${name}`
  const pulls = await ground.agent.metric('slipway_pulls_total{outcome="ok"}')
  // The image has no program at all: that it came is told by the stage at which the tasks end.
  const ids = await ground.framework.launch(...Array.from({ length: 50 }, (_, at) => ({ id: `shared-${at}`, image, cpus: 0.01, argv: ['none'] })))
  await eventually(() => slow.layersAsked > 0, { reason: 'the pull of the layer' })
  await ground.framework.kill('shared-0')
  assert.equal((await ground.framework.end('shared-0')).state, 'TASK_KILLED')
  slow.release()
  for (const id of ids.slice(1)) assert.match((await ground.framework.end(id)).message ?? '', /start failed: /)
  assert.equal(slow.layersAsked, 1)
  assert.equal(await ground.agent.metric('slipway_pulls_total{outcome="ok"}'), pulls + 1)
  await removeImage(socket, image)
})

test('a pull whose worker is terminated goes on in another, and fails with how far it was when that one is terminated too', { skip }, async () => {
  await using slow = await startSlowRegistry(registry)
  const image = `${slow.address}/${await pushNoise(socket, registry, noiseBytes)}`
  using threads = recordThreads()
  await using own = await startTestAgent(socket)      // whose time without progress is longer than this test
  const tasks = await own.subscribe()
  const [id = ''] = await tasks.launch({ image, argv: ['none'] })

  const replaced = 'slipway_worker_replacements_total{pool="pull",why="died"}'
  for (const round of [1, 2]) {
    await eventually(() => slow.layersHeld === round, { reason: `pull ${round} in the middle of its layer` })
    await threads.terminate('pull')
    await eventually(async () => await own.metric(replaced) === round, { reason: 'the replacement' })
  }
  const end = await tasks.end(id)
  const lost = 'a pull worker was lost in the middle of its work'
  assert.match(end.message ?? '', new RegExp(`^Failed to launch container: pull failed: image ${image}: ${halfWay}: ${lost}`))
  assert.equal(labelOf(end, 'slipway.error_code'), 'WORKER_DIED')
})
