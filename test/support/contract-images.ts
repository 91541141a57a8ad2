import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import type { PullProgress } from '../../src/model/pull-progress.ts'
import { openBench, patience, type Contract } from './contract-bench.ts'
import { removeImage } from './images.ts'

/** What holds of images. */
export const imageContract: Contract = {
  async 'the engine knows which images it has' (subject) {
    const { engine, image } = subject()
    assert.equal(await engine.hasImage(image, patience()), true)
    assert.equal(await engine.hasImage('slipway-test/nowhere:1', patience()), false)
  },

  async 'an image is pulled, with progress, and is there then' (subject, t) {
    const { engine, streams, socket, remoteImage } = subject()
    if (remoteImage === undefined) { t.skip('no registry'); return }
    await removeImage(socket, remoteImage)
    const told: PullProgress[] = []
    await streams.pull(remoteImage, progress => { told.push(progress) }, patience())
    assert.equal(await engine.hasImage(remoteImage, patience()), true)
    const last = told.at(-1)
    assert.ok(last !== undefined && last.layers >= 1 && last.layersDone === last.layers, JSON.stringify(last))
    await streams.pull(remoteImage, () => {}, patience())
    await removeImage(socket, remoteImage)
  },

  async 'a pull of an image that the registry does not have says so' (subject, t) {
    const { streams, missingImage } = subject()
    if (missingImage === undefined) { t.skip('no registry'); return }
    await assert.rejects(streams.pull(missingImage, () => {}, patience()), { name: 'AgentError', code: 'IMAGE_NOT_FOUND' })
  },

  async 'a tar is imported as an image' (subject) {
    const { engine, socket } = subject()
    const name = 'slipway-test/imported:1'
    // Two empty blocks are a tar of nothing.
    await engine.importImage(Readable.from([Buffer.alloc(1024)]), name, patience())
    assert.equal(await engine.hasImage(name, patience()), true)
    await removeImage(socket, name)
    assert.equal(await engine.hasImage(name, patience()), false)
  },

  async 'images are listed with their names, those of containers are known, and a name is taken away once' (subject) {
    const { engine, image } = subject()
    const name = 'slipway-test/listed:1'
    await engine.importImage(Readable.from([Buffer.alloc(1024)]), name, patience())
    await using bench = await openBench(subject())
    await bench.create('true')
    const listed = await engine.images(patience())
    const idOf = (tag: string): string => listed.find(({ tags }) => tags.includes(tag))?.id ?? 'none'
    const inUse = await engine.imagesInUse(patience())
    assert.deepEqual([inUse.has(idOf(image)), inUse.has(idOf(name))], [true, false])
    await engine.removeImage(name, patience())
    await engine.removeImage(name, patience())
    assert.equal(await engine.hasImage(name, patience()), false)
    assert.match(await engine.dataRoot(patience()), /^\//)
  },

  async 'an image that a container has is not removed' (subject) {
    const { engine, image } = subject()
    await using bench = await openBench(subject())
    await bench.create('true')
    await assert.rejects(engine.removeImage(image, patience()), { name: 'AgentError', code: 'ENGINE_REFUSED' })
    assert.equal(await engine.hasImage(image, patience()), true)
  },

  async 'what is no tar is not imported' (subject) {
    const { engine } = subject()
    const name = 'slipway-test/junk:1'
    await assert.rejects(engine.importImage(Readable.from([Buffer.from('this is no tar')]), name, patience()), { name: 'AgentError' })
    assert.equal(await engine.hasImage(name, patience()), false)
  },
}
