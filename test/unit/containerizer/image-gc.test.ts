import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Registry } from 'prom-client'
import { silentLog } from '../../../src/base/log.ts'
import { deferred } from '../../../src/base/deferred.ts'
import { ImageGc, isKept } from '../../../src/containerizer/image-gc.ts'
import { familiarName, ImageRemovals } from '../../../src/containerizer/image-removals.ts'
import type { Lanes } from '../../../src/containerizer/lanes.ts'
import { containerizerMetrics } from '../../../src/containerizer/metrics.ts'
import type { Engine, ListedImage } from '../../../src/engine/port.ts'
import { AgentError } from '../../../src/model/errors.ts'
import type { Pool } from '../../../src/pool/pool.ts'

const calm = new AbortController().signal
const lanes: Lanes = { run: (_ticket, operation, signal) => operation(signal) }

function image (name: string, createdAt = 0): ListedImage {
  return { id: `sha256:${name}`, tags: [name], digests: [`${name.replace(/:.*/, '')}@sha256:${'a'.repeat(64)}`], createdAt }
}

/** An engine whose disk is as full as it has images. */
function ground (names: readonly string[], { high = 0.5, low = 0.3, keep = [] as string[], stuck = [] as string[] } = {}) {
  const here = new Map(names.map((name, at) => [name, image(name, at)]))
  const inUse = new Set<string>()
  const removed: string[] = []
  const engine = {
    dataRoot: async () => '/var/lib/docker', images: async () => [...here.values()], imagesInUse: async () => new Set([...inUse].map(name => `sha256:${name}`)),
  } as unknown as Engine
  const pool = { run: async () => ({ usedRatio: here.size / 10 }) } as unknown as Pool
  const gc = new ImageGc({
    engine, pool, log: silentLog, metrics: containerizerMetrics(new Registry()), high, low, keep, everyMs: 1_000,
    async removeImage ({ tags: [name = ''] }) {
      if (stuck.includes(name)) throw new AgentError('ENGINE_REFUSED', 'a container has it')
      removed.push(name)
      return here.delete(name)
    },
  })
  return { gc, here, inUse, removed }
}

test('above the high mark images go until the low one is reached, those that were used longest ago first', async () => {
  const { gc, inUse, removed } = ground(['a:1', 'b:1', 'c:1', 'd:1', 'e:1', 'f:1'])
  inUse.add('a:1')
  await gc.round(calm)
  assert.deepEqual(removed, [], 'what is seen for the first time may be about to be used')
  inUse.delete('a:1')
  await gc.round(calm)
  assert.deepEqual(removed, ['b:1', 'c:1', 'd:1'])
  await gc.round(calm)
  assert.equal(removed.length, 3, 'below the high mark nothing goes')
})

test('images in use and exceptions stay, and one that the engine does not give away does not keep the others', async () => {
  const { gc, inUse, here } = ground(['a:1', 'b:1', 'c:1', 'd:1', 'e:1', 'f:1'], { keep: ['c'], stuck: ['d:1'], low: 0 })
  inUse.add('a:1')
  await gc.round(calm)
  await gc.round(calm)
  assert.deepEqual([...here.keys()], ['a:1', 'c:1', 'd:1'])
})

for (const [kept, name, is] of [
  ['app', 'app:1', true], ['app', 'apple:1', false], ['app:1', 'app:2', false], ['docker.io/library/app:1', 'app:1', true],
  ['registry:5000/app', 'registry:5000/app:2', true], ['registry:5000/*', 'registry:5000/other:1', true], ['registry', 'registry:5000/app:1', false],
] as const) {
  test(`the exception ${kept} ${is ? 'covers' : 'does not cover'} ${name}`, () => {
    assert.equal(isKept({ id: 'x', tags: [name], digests: [], createdAt: 0 }, [kept]), is)
  })
}

test('an image that is wanted is not removed, under whichever of its names', async () => {
  const asked: string[] = []
  const engine = { removeImage: async (name: string) => { asked.push(name) } } as unknown as Engine
  const wanted = new Set<string>()
  const removals = new ImageRemovals({ engine, lanes, closing: calm, isWanted: name => wanted.has(name) })
  wanted.add(image('app:1').digests[0]!)
  assert.equal(await removals.remove(image('app:1')), false)
  wanted.clear()
  assert.equal(await removals.remove(image('app:1')), true)
  assert.equal(await removals.remove({ id: 'sha256:nameless', tags: [], digests: [], createdAt: 0 }), true)
  assert.deepEqual(asked, ['app:1', 'sha256:nameless'])
})

test('who wants an image that is just leaving waits until it is gone, and can pull it then', async () => {
  const gone = deferred()
  const removals = new ImageRemovals({ engine: { removeImage: () => gone.promise } as unknown as Engine, lanes, closing: calm, isWanted: () => false })
  const removal = removals.remove(image('app:1'))
  let isOver = false
  const waiting = removals.leaving('docker.io/library/app:1')?.then(() => { isOver = true })
  assert.ok(waiting)
  assert.equal(removals.leaving('other:1'), undefined)
  assert.equal(isOver, false)
  gone.reject(new AgentError('ENGINE_REFUSED', 'a container has it'))
  await waiting
  await assert.rejects(removal, { code: 'ENGINE_REFUSED' })
  assert.equal(removals.leaving('app:1'), undefined)
  assert.equal(familiarName('index.docker.io/library/app'), 'app:latest')
})
