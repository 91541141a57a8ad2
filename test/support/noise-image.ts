import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { importImage, pushTo, removeImage } from './images.ts'

/** An image of one layer that does not shrink, in the registry alone: the engine keeps nothing of it. Answers its name without the registry. */
export async function pushNoise (socket: string, registry: string, bytes: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-noise-'))
  try {
    await writeFile(join(folder, 'noise'), randomBytes(bytes))
    const local = `slipway-test/noise:${randomBytes(8).toString('hex')}`
    await importImage(socket, local, execFileSync('tar', ['--create', '--directory', folder, '.'], { maxBuffer: bytes * 2 }))
    const remote = await pushTo(socket, registry, local)
    for (const name of [local, remote]) await removeImage(socket, name)
    return local
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
