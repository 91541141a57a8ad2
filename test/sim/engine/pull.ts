import { delay } from '../../../src/base/deadline.ts'
import { fullName, imageId, type Images, type RemoteImage } from './images.ts'
import type { Outlet } from './outlet.ts'
import { Refusal } from './refusal.ts'

/** What the registry says before a pull's stream begins: no, or the image. */
export function resolveRemote (images: Images, name: string): RemoteImage {
  const full = fullName(name)
  const remote = images.remote(name)
  if (remote === undefined) throw new Refusal(404, `manifest for ${full} not found: manifest unknown: manifest unknown`)
  if (remote.denied !== true) return remote
  const repository = full.replace(/:[^/]*$/, '')
  const reason = "repository does not exist or may require 'docker login': denied: requested access to the resource is denied"
  throw new Refusal(404, `pull access denied for ${repository}, ${reason}`)
}

/** The lines of a pull, layer by layer. The image is there when the last one is out; a client that goes ends the pull. */
export async function tellPull (images: Images, name: string, outlet: Outlet): Promise<void> {
  const full = fullName(name)
  const remote = resolveRemote(images, name)
  const isThere = images.find(name) !== undefined
  await outlet.writeLine({ status: `Pulling from ${full.replace(/:[^/]*$/, '')}`, id: full.replace(/^.*:/, '') })
  if (!isThere) await tellLayers(full, remote, outlet)
  if (!outlet.isOpen) return
  images.add(name, remote)
  await outlet.writeLine({ status: `Digest: ${imageId(name)}` })
  const outcome = isThere ? 'Image is up to date' : 'Downloaded newer image'
  await outlet.writeLine({ status: `Status: ${outcome} for ${full}` })
}

async function tellLayers (full: string, { layers = 1, bytes = 1_000_000, chunkMs = 0 }: RemoteImage, outlet: Outlet): Promise<void> {
  const ids = Array.from({ length: layers }, (_, i) => imageId(`${full}#${i}`).slice(7, 19))
  for (const id of ids) await outlet.writeLine({ status: 'Pulling fs layer', progressDetail: {}, id })
  for (const id of ids) {
    for (const quarter of [1, 2, 3, 4]) {
      if (chunkMs > 0) await delay(chunkMs)
      if (!outlet.isOpen) return
      await outlet.writeLine({ status: 'Downloading', progressDetail: { current: Math.round(bytes * quarter / 4), total: bytes }, id })
    }
    await outlet.writeLine({ status: 'Download complete', progressDetail: {}, id })
    await outlet.writeLine({ status: 'Extracting', progressDetail: { current: bytes, total: bytes }, id })
    await outlet.writeLine({ status: 'Pull complete', progressDetail: {}, id })
  }
}

/** Reads a whole tar and throws it away. The engine says no to what is none. */
export async function drainTar (body: AsyncIterable<Buffer>): Promise<void> {
  const head: Buffer[] = []
  let bytes = 0
  for await (const chunk of body) {
    if (bytes < 512) head.push(chunk)
    bytes += chunk.length
  }
  const start = Buffer.concat(head)
  const isEmptyTar = bytes >= 1024 && start.every(byte => byte === 0)
  const isGzip = start[0] === 0x1f && start[1] === 0x8b
  if (isEmptyTar || isGzip || start.subarray(257, 262).toString() === 'ustar') return
  throw new Refusal(500, 'Error processing tar file(exit status 1): unexpected EOF')
}
