import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CacheAbout } from '../../../src/model/fetch-cache.ts'
import { createFile } from '../new-file.ts'
import { aboutName } from './places.ts'

/** Counted up when what is written changes; what another version wrote is fetched anew. */
const version = 1

export function writeAbout (folder: string, about: CacheAbout): void {
  using file = createFile(join(folder, aboutName))
  file.append(Buffer.from(`${JSON.stringify({ version, ...about })}\n`))
  file.finish(0o600)
}

/** Undefined where it says nothing that we understand. */
export function readAbout (folder: string): CacheAbout | undefined {
  try {
    const { version: written, ...about } = JSON.parse(readFileSync(join(folder, aboutName), 'utf8')) as CacheAbout & { version: number }
    return written === version && isAbout(about) ? about : undefined
  } catch {
    return undefined
  }
}

function isAbout ({ key, shown, bytes, sha256 }: Partial<CacheAbout>): boolean {
  return typeof key === 'string' && typeof shown === 'string' && Number.isSafeInteger(bytes) && /^[0-9a-f]{64}$/.test(sha256 ?? '')
}
