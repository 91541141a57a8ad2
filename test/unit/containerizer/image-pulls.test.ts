import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { Registry } from 'prom-client'
import { deferred, type Deferred } from '../../../src/base/deferred.ts'
import { ImagePulls } from '../../../src/containerizer/image-pulls.ts'
import type { Lanes } from '../../../src/containerizer/lanes.ts'
import { containerizerMetrics } from '../../../src/containerizer/metrics.ts'
import type { Engine } from '../../../src/engine/port.ts'
import type { Login } from '../../../src/model/docker-config.ts'
import { AgentError, chain } from '../../../src/model/errors.ts'
import type { PullProgress } from '../../../src/model/pull-progress.ts'
import type { Pool } from '../../../src/pool/pool.ts'

/** A pull as the worker sees it: the test says what becomes of it. */
interface FakePull extends Deferred<undefined> { readonly image: string, readonly signal: AbortSignal, progress (progress: PullProgress): void }

interface Ground { readonly images: ImagePulls, readonly started: FakePull[], readonly present: Set<string>, readonly asked: string[] }

function startGround (): Ground {
  const [started, present, asked]: [FakePull[], Set<string>, string[]] = [[], new Set(), []]
  const engine = { hasImage: async (image: string) => { asked.push(image); return present.has(image) } } as unknown as Engine
  const pool = {
    run: (_job: string, { image }: { image: string }, signal: AbortSignal, progress: (progress: PullProgress) => void) => {
      const pull = { ...deferred<undefined>(), image, signal, progress }
      started.push(pull)
      signal.addEventListener('abort', () => { pull.reject(signal.reason) }, { once: true })
      return pull.promise
    },
  } as unknown as Pool
  const lanes: Pick<Lanes, 'run'> = { run: async (_ticket, operation, signal) => { await Promise.resolve(); return await operation(signal) } }
  const metrics = containerizerMetrics(new Registry())
  const images = new ImagePulls({ engine, pool, lanes, socketPath: '/nowhere', stallMs: 1, metrics })
  return { images, started, present, asked }
}

const never = new AbortController().signal
const app = { image: 'app:3', forcePull: false, priority: 0 }

async function settled (): Promise<void> {
  for (let i = 0; i < 5; i++) await turn()
}

test('an image that the engine has is not pulled, unless that is forced', async () => {
  const { images, started, present } = startGround()
  present.add('app:3')
  await images.ensure(app, never)
  assert.equal(started.length, 0)
  const forced = images.ensure({ ...app, forcePull: true }, never)
  await settled()
  assert.equal(started.length, 1)
  started[0]?.resolve(undefined)
  await forced
})

test('all who wait for one image share one pull, however they spell it', async () => {
  const { images, started, asked } = startGround()
  const waiting = ['app', 'app:latest', 'app'].map(image => images.ensure({ ...app, image }, never))
  await settled()
  assert.deepEqual(started.map(({ image }) => image), ['app:latest'])
  assert.deepEqual(asked, Array<string>(3).fill('app:latest'))
  started[0]?.resolve(undefined)
  await Promise.all(waiting)
  assert.equal(started[0]?.signal.aborted, true, 'nothing is left of it')
})

test('one image is pulled once a login, and who is nobody has a pull of his own', async () => {
  const { images, started } = startGround()
  const given = (password: string): Login => ({
    kind: 'given', registry: 'r.example', from: 'config', auth: { username: 'me', password, serveraddress: 'r.example' },
  })
  const nobody: Login = { kind: 'none', registry: 'r.example' }
  const logins = [given('a'), given('a'), given('b'), nobody, undefined]
  const waiting = logins.map(login => images.ensure({ ...app, ...(login && { login: async () => login }) }, never))
  await settled()
  assert.equal(started.length, 3)
  started[0]?.reject(new AgentError('DENIED', 'unauthorized'))
  for (const pull of started.slice(1)) pull.resolve(undefined)
  const ends = await Promise.allSettled(waiting)
  assert.deepEqual(ends.map(({ status }) => status), ['rejected', 'rejected', 'fulfilled', 'fulfilled', 'fulfilled'])
  assert.equal(chain((ends[0] as PromiseRejectedResult).reason), 'image app:3: with the credentials for r.example in config: unauthorized')
})

test('an image that the engine has asks nobody for credentials', async () => {
  const { images, present } = startGround()
  present.add('app:3')
  await images.ensure({ ...app, login: () => Promise.reject(new Error('asked')) }, never)
})

test('different images are pulled beside each other', async () => {
  const { images, started } = startGround()
  const waiting = ['a', 'b'].map(image => images.ensure({ ...app, image }, never))
  await settled()
  assert.equal(started.length, 2)
  for (const pull of started) pull.resolve(undefined)
  await Promise.all(waiting)
})

test('one who gives up ends with his own reason, and does not stop the others', async () => {
  const { images, started } = startGround()
  const impatient = new AbortController()
  const [first, second] = [images.ensure(app, impatient.signal), images.ensure(app, never)]
  await settled()
  const reason = new AgentError('STAGE_TIMEOUT', 'took over 1 s')
  impatient.abort(reason)
  await assert.rejects(first, error => error === reason)
  assert.equal(started[0]?.signal.aborted, false)
  started[0].resolve(undefined)
  await second
})

test('the last one who gives up stops the pull, and whoever comes then starts another', async () => {
  const { images, started } = startGround()
  const impatient = new AbortController()
  const waiting = [images.ensure(app, impatient.signal), images.ensure(app, impatient.signal)]
  await settled()
  impatient.abort(new AgentError('CANCELLED', 'killed'))
  await Promise.allSettled(waiting)
  assert.equal((started[0]?.signal.reason as AgentError).code, 'CANCELLED')
  const next = images.ensure(app, never)
  await settled()
  assert.equal(started.length, 2)
  started[1]?.resolve(undefined)
  await next
})

test('a failure reaches all, with the image\'s name, and the next one tries again', async () => {
  const { images, started } = startGround()
  const waiting = [images.ensure(app, never), images.ensure(app, never)]
  await settled()
  started[0]?.reject(new AgentError('IMAGE_NOT_FOUND', 'manifest unknown'))
  for (const one of await Promise.allSettled(waiting)) {
    assert.ok(one.status === 'rejected' && one.reason instanceof AgentError)
    assert.deepEqual([one.reason.code, chain(one.reason)], ['IMAGE_NOT_FOUND', 'image app:3: manifest unknown'])
  }
  const next = images.ensure(app, never)
  await settled()
  assert.equal(started.length, 2)
  started[1]?.resolve(undefined)
  await next
})

test('a pull that fails half-way tells how far it was, and its progress is there to be seen', async () => {
  const { images, started } = startGround()
  const waiting = images.ensure(app, never)
  await settled()
  assert.equal(images.progress('app:3'), undefined)
  const progress = { layers: 5, layersDone: 1, bytes: 35e6, totalBytes: 210e6, layer: { id: 'a1b2', bytes: 35e6, totalBytes: 210e6 } }
  started[0]?.progress(progress)
  assert.deepEqual(images.progress('app:3'), progress)
  started[0]?.reject(new AgentError('STAGE_STALLED', 'no progress for 60 s'))
  await assert.rejects(waiting, error => {
    assert.match(chain(error), /^image app:3: layer 2 of 5 \(a1b2\) at 35 of 210 MB, .* MB\/s in all: no progress for 60 s$/)
    return true
  })
  await settled()
  assert.equal(images.progress('app:3'), undefined)
})

test('one who has given up before he began starts nothing', async () => {
  const { images, started } = startGround()
  await assert.rejects(images.ensure(app, AbortSignal.abort(new AgentError('CANCELLED', 'killed'))), { code: 'CANCELLED' })
  await settled()
  assert.ok(started.every(({ signal }) => signal.aborted))
})

test('a name that is none is refused before the engine is asked', async () => {
  const { images, asked } = startGround()
  await assert.rejects(images.ensure({ ...app, image: 'App?' }, never), { code: 'SPEC_INVALID' })
  assert.deepEqual(asked, [])
})

test('who has waited since before the engine was asked need not ask again; who came later must', async () => {
  const { images, present, asked } = startGround()
  present.add('app:3')
  const early = performance.now()
  await images.ensure({ ...app, sinceMs: early }, never)
  await images.ensure({ ...app, sinceMs: early }, never)
  assert.equal(asked.length, 1)
  await images.ensure({ ...app, sinceMs: performance.now() }, never)
  await images.ensure(app, never)
  assert.equal(asked.length, 3)
})

test('that an image is not there is asked by each for itself, and takes back what was known before', async () => {
  const { images, started, present, asked } = startGround()
  present.add('app:3')
  const early = performance.now()
  await images.ensure({ ...app, sinceMs: early }, never)
  present.delete('app:3')
  const gone = images.ensure({ ...app, sinceMs: performance.now() + 1 }, never)
  await settled()
  const second = images.ensure({ ...app, sinceMs: early }, never)
  await settled()
  assert.equal(asked.length, 3)
  assert.equal(started.length, 1)
  started[0]?.resolve(undefined)
  await Promise.all([gone, second])
})
