import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { test } from 'node:test'
import { AgentError } from '../../../../src/model/errors.ts'
import type { PullProgress } from '../../../../src/model/pull-progress.ts'
import { startSimEngine } from '../../../support/sim-engine.ts'
import { pullImage } from '../../../../workers/pull/pull-image.ts'

const image = 'registry.example/team/app:3'

test('a pull tells its progress and ends when the engine has the image', async () => {
  await using engine = await startSimEngine()
  await engine.addRemoteImage(image, { layers: 3, bytes: 2_000_000 })
  const heard: PullProgress[] = []
  const { signal } = new AbortController()
  await pullImage({ socketPath: engine.socket, image, stallMs: 10_000 }, { signal, progress: progress => { heard.push(progress) } })
  assert.ok((await engine.images()).includes(image))
  assert.ok(heard.length >= 2 && heard.length < 6, 'people read four lines a second')
  assert.deepEqual([heard.at(-1)?.layersDone, heard.at(-1)?.bytes], [3, 6_000_000], 'the last one tells where it ended')
  assert.equal(getEventListeners(signal, 'abort').length, 0)
})

test('an image that the registry does not have is IMAGE_NOT_FOUND', async () => {
  await using engine = await startSimEngine()
  const pulled = pullImage({ socketPath: engine.socket, image, stallMs: 10_000 }, { signal: new AbortController().signal, progress: () => {} })
  await assert.rejects(pulled, { code: 'IMAGE_NOT_FOUND' })
})

test('an engine that says nothing any more is STAGE_STALLED', async () => {
  await using engine = await startSimEngine()
  await engine.addRemoteImage(image)
  await engine.fault('pull', 'hang')
  const pulled = pullImage({ socketPath: engine.socket, image, stallMs: 30 }, { signal: new AbortController().signal, progress: () => {} })
  await assert.rejects(pulled, { code: 'STAGE_STALLED', message: 'no progress for 0.03 s' })
})

test('a slow pull that goes on does not stall', async () => {
  await using engine = await startSimEngine()
  await engine.addRemoteImage(image, { layers: 4, chunkMs: 40 })
  await pullImage({ socketPath: engine.socket, image, stallMs: 400 }, { signal: new AbortController().signal, progress: () => {} })
})

test('a cancelled pull ends with the reason of the cancel', async () => {
  await using engine = await startSimEngine()
  await engine.addRemoteImage(image, { chunkMs: 1_000 })
  const cancel = new AbortController()
  const reason = new AgentError('CANCELLED', 'nobody waits')
  const pulled = pullImage({ socketPath: engine.socket, image, stallMs: 10_000 }, { signal: cancel.signal, progress: () => { cancel.abort(reason) } })
  await assert.rejects(pulled, error => error === reason)
})
