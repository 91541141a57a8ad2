import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { FetchCache, Lease } from '../../../src/containerizer/fetch-cache/fetch-cache.ts'
import { eventually } from '../../support/eventually.ts'
import { cacheGround, diskUse, type CacheGround } from '../../support/fetch-cache.ts'

const { signal } = new AbortController()
const none = (): void => {}

/** The same numbers in every run. */
function numbersFrom (seed: number): (below: number) => number {
  let state = seed
  return below => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor(state / 2 ** 32 * below)
  }
}

function makeSources (ground: CacheGround, sizes: readonly number[]): string[] {
  const folder = join(ground.folder, 'sources')
  mkdirSync(folder)
  return sizes.map((size, at) => {
    const path = join(folder, `s${at}`)
    writeFileSync(path, Buffer.alloc(size, at), { mode: 0o644 })
    return path
  })
}

/** What was damaged while nobody looked is as long as it is, until it is looked at. */
async function lookAtAll (cache: FetchCache, sources: readonly string[]): Promise<void> {
  for (const source of sources) for (const user of ['0', '1']) (await cache.lease(source, user, none, signal))?.release()
}

async function settled (cache: FetchCache, ground: CacheGround): Promise<void> {
  await eventually(() => { assert.equal(cache.usedBytes, diskUse(ground.dir)) })
  await eventually(() => { assert.deepEqual(readdirSync(join(ground.dir, 'passing')), []) })
}

test('after a thousand random operations the accounts are what du says', async () => {
  const random = numbersFrom(2026)
  await using ground = cacheGround()
  const sources = makeSources(ground, Array.from({ length: 40 }, () => random(60_000)))
  const maxBytes = 500_000
  let { cache } = ground.open({ maxBytes })
  const held: Lease[] = []
  const steps = [
    async () => {
      const lease = await cache.lease(sources[random(sources.length)] ?? '', String(random(2)), none, signal)
      if (lease !== undefined) held.push(lease)
    },
    async () => { for (let count = random(4); count > 0; count--) held.splice(random(held.length), 1)[0]?.release() },
    async () => {
      const leases = await Promise.all([1, 2, 3].map(() => cache.lease(sources[random(sources.length)] ?? '', undefined, none, signal)))
      for (const lease of leases) lease?.release()
    },
    async () => {
      const at = random(60)
      if (at < 10) await cache.remove(({ about }) => about.shown.endsWith(String(at)))
      const { path } = held[random(held.length)] ?? {}
      if (at > 55 && path !== undefined) appendFileSync(path, 'damage')
    },
  ]
  for (let count = 1; count <= 1_000; count++) {
    await steps[random(steps.length)]?.()
    if (held.length > 12) held.shift()?.release()
    if (count % 250 === 0) {
      for (const lease of held.splice(0)) lease.release()
      await lookAtAll(cache, sources)
      await eventually(() => cache.usedBytes <= maxBytes)
      await settled(cache, ground)
      cache = ground.open({ maxBytes }).cache
      await cache.list()
      await settled(cache, ground)
    }
  }
})

const program = fileURLToPath(new URL('../../support/cache-crash.js', import.meta.url))

for (const [what, steps] of [['fill', ['folder', 'content', 'about', 'entry']], ['drop', ['out', 'gone']]] as const) {
  for (const step of steps) {
    test(`an agent that is killed in a ${what} at the step "${step}" leaves whole entries only, and accounts that are right`, async () => {
      await using ground = cacheGround()
      const [old = '', fresh = ''] = makeSources(ground, [50_000, 70_000])
      const before = ground.open().cache
      ;(await before.lease(old, undefined, none, signal))?.release()
      const { signal: fatal } = spawnSync(process.execPath, [program, ground.dir, what, fresh, step], { stdio: 'inherit' })
      assert.equal(fatal, 'SIGKILL')
      const { cache } = ground.open()
      const expected = what === 'fill' ? (step === 'entry' ? 2 : 1) : 0
      assert.equal((await cache.list()).length, expected)
      await settled(cache, ground)
      for (const path of [old, fresh]) {
        const lease = await cache.lease(path, undefined, none, signal)
        assert.deepEqual(readFileSync(lease?.path ?? ''), readFileSync(path))
        lease?.release()
      }
      await settled(cache, ground)
    })
  }
}
