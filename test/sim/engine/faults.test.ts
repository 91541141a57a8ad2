import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { openEngine, openEngineStreams } from '../../../src/engine/docker-engine.ts'
import { openBench, patience, type Bench } from '../../support/contract-bench.ts'
import { readOutput } from '../../support/engine-output.ts'
import { eventually } from '../../support/eventually.ts'
import { startSimEngine, type SimEngine } from '../../support/sim-engine.ts'
import type { CallName } from './call-names.ts'

const image = 'slipway-test/busybox:1'
const remoteImage = 'registry.test:5000/app:3'

interface Site extends AsyncDisposable {
  readonly sim: SimEngine
  readonly engine: ReturnType<typeof openEngine>
  readonly streams: ReturnType<typeof openEngineStreams>
  readonly bench: Bench
}

async function openSite (): Promise<Site> {
  const sim = await startSimEngine({ images: [image] })
  await sim.addRemoteImage(remoteImage, { layers: 2, bytes: 1000 })
  const address = { socketPath: sim.socket }
  const ports = { engine: openEngine(address), streams: openEngineStreams(address) }
  const bench = await openBench({ ...ports, image })
  return {
    sim,
    ...ports,
    bench,
    async [Symbol.asyncDispose] () {
      await sim.mend()
      await sim.release()
      await bench[Symbol.asyncDispose]()
      await sim[Symbol.asyncDispose]()
    },
  }
}

async function drain (stream: AsyncIterable<unknown>): Promise<void> {
  for await (const item of stream) void item
}

/** One call of each kind through the port; `id` is a created container. */
const calls: Partial<Record<CallName, (site: Site, id: string, signal: AbortSignal) => Promise<unknown>>> = {
  version: ({ engine }, _, signal) => engine.version(signal),
  inspectImage: ({ engine }, _, signal) => engine.hasImage(image, signal),
  create: ({ engine, bench }, _, signal) => engine.create(bench.spec('exit 0'), signal),
  start: ({ engine }, id, signal) => engine.start(id, signal),
  kill: ({ engine }, id, signal) => engine.kill(id, 'SIGKILL', signal),
  remove: ({ engine }, id, signal) => engine.remove(id, signal),
  inspect: ({ engine }, id, signal) => engine.inspect(id, signal),
  update: ({ engine }, id, signal) => engine.update(id, { cpus: 1, memBytes: 64 << 20 }, signal),
  removeImage: ({ engine }, _, signal) => engine.removeImage(remoteImage, signal),
  inspectNetwork: ({ engine }, _, signal) => engine.findNetwork('bridge', signal),
  removeNetwork: ({ engine }, _, signal) => engine.removeNetwork('nowhere', signal),
  list: ({ engine, bench }, _, signal) => engine.list(bench.label, signal),
  events: ({ engine, bench }, _, signal) => drain(engine.events(bench.label, signal)),
  import: ({ engine }, _, signal) => engine.importImage(Readable.from([Buffer.alloc(1024)]), 'slipway-test/imported:1', signal),
  pull: ({ streams }, _, signal) => streams.pull(remoteImage, () => {}, signal),
  attach: ({ streams }, id, signal) => streams.attach(id, signal),
}

for (const [call, make] of Object.entries(calls) as [CallName, NonNullable<typeof calls[CallName]>][]) {
  test(`${call}: a call that hangs ends with its signal's reason, and leaves no connection behind`, async () => {
    await using site = await openSite()
    const { sim } = site
    const id = await site.bench.create('exit 0')
    await sim.fault(call, 'hang')
    const deadline = new AbortController()
    const reason = new Error('enough')
    const ended = assert.rejects(make(site, id, deadline.signal), reason)
    await eventually(async () => (await sim.calls()).some(record => record.call === call && record.isOpen), { reason: 'the call' })
    deadline.abort(reason)
    await ended
    await eventually(() => sim.idle(), { reason: 'the end of the request' })
    assert.equal((await sim.calls()).at(-1)?.clientGone, true)
  })

  test(`${call}: an engine that refuses is heard, one that breaks off is down`, async () => {
    await using site = await openSite()
    const id = await site.bench.create('exit 0')
    await site.sim.fault(call, 'refuse', { times: 1, message: 'not today' })
    await assert.rejects(make(site, id, patience()), { name: 'AgentError', message: /not today/ })
    await site.sim.fault(call, 'drop', { times: 1 })
    await assert.rejects(make(site, id, patience()), { name: 'AgentError', code: 'ENGINE_DOWN' })
  })
}

/** Each with the answer that breaks off; that of a network is a no, as its yes has no body. */
const brokenOff = [
  ['create', 'create'], ['inspect', 'inspect'], ['update', 'inspect'], ['update', 'update'], ['removeImage', 'removeImage'],
  ['inspectNetwork', 'inspectNetwork'], ['removeNetwork', 'removeNetwork'],
] as const

for (const [call, answer] of brokenOff) {
  test(`${call}: the call ends when the answer of ${answer} breaks off in its middle`, async () => {
    await using site = await openSite()
    const id = await site.bench.create('exit 0')
    await site.sim.fault(answer, 'cut')
    await assert.rejects(async () => calls[call]?.(site, id, patience()), { name: 'AgentError', code: 'ENGINE_DOWN' })
  })
}

test('a create that is cut off by its deadline is done all the same, later', async () => {
  await using site = await openSite()
  for (const [how, options] of [['hang', {}], ['late', { ms: 1_000 }]] as const) {
    await site.sim.fault('create', how, { ...options, times: 1 })
    const reason = new Error('enough')
    const deadline = new AbortController()
    const spec = site.bench.spec('exit 0')
    const ended = assert.rejects(site.engine.create(spec, deadline.signal), reason)
    await eventually(async () => (await site.sim.calls()).some(({ name }) => name === spec.name), { reason: 'the create' })
    deadline.abort(reason)
    await ended
    assert.equal((await site.sim.containers()).some(({ name }) => name === spec.name), false)
    await site.sim.release()
    await eventually(async () => (await site.sim.containers()).some(({ name }) => name === spec.name), { reason: 'the container' })
  }
})

test('a call may have done its work though its answer is lost', async () => {
  await using site = await openSite()
  const id = await site.bench.create('sleep 100')
  await site.sim.fault('start', 'drop', { when: 'after', times: 1 })
  await assert.rejects(site.engine.start(id, patience()), { code: 'ENGINE_DOWN' })
  assert.equal((await site.engine.inspect(id, patience()))?.running, true)
  await site.sim.fault('remove', 'refuse', { when: 'after', times: 1 })
  await assert.rejects(site.engine.remove(id, patience()), { code: 'ENGINE_REFUSED' })
  assert.deepEqual(await site.sim.containers(), [])
})

test('somebody else\'s removal of a container is waited for if it ends soon, and not if it hangs', async () => {
  await using site = await openSite()
  const id = await site.bench.create('sleep 100')
  const isUnderWay = { status: 409, message: `removal of container ${id} is already in progress` }
  await site.sim.fault('remove', 'refuse', isUnderWay)
  const beganAt = performance.now()
  await assert.rejects(site.engine.remove(id, patience()), { code: 'ENGINE_REFUSED', message: isUnderWay.message })
  assert.ok(performance.now() - beganAt < 10_000)
  await site.sim.mend()
  await site.sim.fault('remove', 'refuse', { ...isUnderWay, times: 3 })
  await site.engine.remove(id, patience())
  assert.deepEqual(await site.sim.containers(), [])
})

test('a fault strikes as often as it was told to, and only what matches', async () => {
  await using site = await openSite()
  await site.sim.fault('create', 'refuse', { times: 2, match: 'slipway-contract' })
  await assert.rejects(site.bench.create('exit 0'))
  await site.engine.create(site.bench.spec('exit 0', { name: 'other' }), patience())
  await assert.rejects(site.bench.create('exit 0'))
  await site.bench.create('exit 0')
})

test('a pull that goes wrong in its stream fails, in each of its ways', async () => {
  await using site = await openSite()
  const pull = (signal = patience()): Promise<void> => site.streams.pull(remoteImage, () => {}, signal)
  await site.sim.fault('pull', 'error-in-stream', { times: 1, afterWrites: 3, message: 'unexpected EOF' })
  await assert.rejects(pull(), { code: 'PULL_FAILED', message: /unexpected EOF/ })
  await site.sim.fault('pull', 'cut', { times: 1, afterWrites: 3 })
  await assert.rejects(pull(), { name: 'AgentError', retry: true })
  await site.sim.fault('pull', 'stall', { times: 1, afterWrites: 3 })
  await assert.rejects(pull(AbortSignal.timeout(50)), { name: 'TimeoutError' })
  await eventually(() => site.sim.idle(), { reason: 'the end of the stalled pull' })
  assert.equal(await site.engine.hasImage(remoteImage, patience()), false)
  await pull()
  assert.equal(await site.engine.hasImage(remoteImage, patience()), true)
})

test('an image that wants credentials is denied', async () => {
  await using site = await openSite()
  await site.sim.addRemoteImage('registry.test:5000/secret:1', { denied: true })
  await assert.rejects(site.streams.pull('registry.test:5000/secret:1', () => {}, patience()), { name: 'AgentError', message: /access denied/ })
})

test('a container whose output nobody takes stands still until somebody does', async () => {
  await using site = await openSite()
  const id = await site.bench.create('echo one; echo two; echo three')
  await site.sim.fault('attach', 'stall', { times: 1 })
  const output = readOutput(await site.streams.attach(id, patience()))
  await site.engine.start(id, patience())
  await eventually(async () => (await site.sim.containers()).some(container => container.id === id && container.state === 'running'))
  await site.sim.release()
  assert.equal((await output).stdout, 'one\ntwo\nthree\n')
})

test('open streams can be cut', async () => {
  await using site = await openSite()
  const id = await site.bench.create('sleep 100')
  const output = readOutput(await site.streams.attach(id, patience())).catch((error: unknown) => error)
  assert.equal(await site.sim.cut('attach'), 1)
  await output
  await eventually(() => site.sim.idle(), { reason: 'no open stream' })
})

test('a container over its memory limit is killed, and says so', async () => {
  await using site = await openSite()
  const id = await site.bench.create('sleep 100')
  await site.engine.start(id, patience())
  await site.sim.outOfMemory(id)
  const { exitCode, oomKilled } = await site.bench.inspected(id, ({ running }) => !running)
  assert.deepEqual([exitCode, oomKilled], [137, true])
})
