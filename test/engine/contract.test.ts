import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEngine, openEngineStreams } from '../../src/engine/docker-engine.ts'
import { engineContract } from '../support/engine-contract.ts'
import { ensureBusybox, importImage, pushTo, removeImage } from '../support/images.ts'
import { needsEngine, needsRegistry } from '../support/requires.ts'

const { socket, skip } = needsEngine()
const registry = needsRegistry()

engineContract('the real engine', async () => {
  const image = await ensureBusybox(socket)
  const remoteImage = registry.skip === false ? await pushUnknown(socket, registry.registry) : undefined
  const address = { socketPath: socket }
  return {
    socket,
    engine: openEngine(address),
    streams: openEngineStreams(address),
    image,
    remoteImage,
    missingImage: registry.skip === false ? `${registry.registry}/slipway-test/nowhere:1` : undefined,
    async [Symbol.asyncDispose] () { if (remoteImage !== undefined) await removeImage(socket, remoteImage) },
  }
}, { skip })

/** An image of which the engine keeps nothing: the pull of one that it has under another name brings no layer. */
async function pushUnknown (socketPath: string, address: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-contract-image-'))
  try {
    await writeFile(join(folder, 'noise'), randomBytes(1 << 20))
    const local = `slipway-test/noise:${randomBytes(8).toString('hex')}`
    await importImage(socketPath, local, execFileSync('tar', ['--create', '--directory', folder, '.'], { maxBuffer: 4 << 20 }))
    const remote = await pushTo(socketPath, address, local)
    for (const name of [local, remote]) await removeImage(socketPath, name)
    return remote
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
