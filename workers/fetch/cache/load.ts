import { lstatSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { CacheEntry } from '../../../src/model/fetch-cache.ts'
import type { Input, Output } from '../../../src/pool/jobs.ts'
import { readAbout } from './about.ts'
import { diskBytesOf } from './disk-bytes.ts'
import { aboutName, contentName, places } from './places.ts'

const entriesAtOnce = 100

/** Makes the cache's folders where they are missing, clears away what an agent that died left in the middle, and tells what is there. */
export async function load ({ dir }: Input<'loadCache'>, { signal }: { signal: AbortSignal }): Promise<Output<'loadCache'>> {
  rmSync(places.passing(dir), { recursive: true, force: true })
  for (const folder of [places.passing(dir), places.entries(dir)]) mkdirSync(folder, { recursive: true, mode: 0o700 })
  const entries: CacheEntry[] = []
  for (const [at, id] of readdirSync(places.entries(dir)).entries()) {
    if (at % entriesAtOnce === 0) await nextTurn()
    signal.throwIfAborted()
    const entry = entryOf(dir, id)
    if (entry === undefined) rmSync(places.entry(dir, id), { recursive: true, force: true })
    else entries.push(entry)
  }
  return { entries }
}

/** Undefined for what is no entry, or no whole one. Whether its content is right is found out when it is used. */
function entryOf (dir: string, id: string): CacheEntry | undefined {
  const folder = places.entry(dir, id)
  const about = readAbout(folder)
  const content = lstatSync(join(folder, contentName), { throwIfNoEntry: false })
  if (about === undefined || content?.isFile() !== true || content.size !== about.bytes) return undefined
  return { id, about, diskBytes: diskBytesOf(folder), usedAtMs: lstatSync(join(folder, aboutName)).mtimeMs }
}
