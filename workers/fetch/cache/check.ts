import { createHash } from 'node:crypto'
import { lstatSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import type { FileStamp } from '../../../src/model/fetch-cache.ts'
import { plainTransfer } from '../../../src/model/transfer-options.ts'
import type { Input, Output } from '../../../src/pool/jobs.ts'
import { startHttpClient } from '../http/http-client.ts'
import { openLocalFile } from '../local-file.ts'
import { probe } from '../probe.ts'
import { sourceOf } from '../source.ts'
import { aboutName, contentName, places } from './places.ts'

/**
 * Whether an entry is what it was when it came, and, where that is asked, what the server has. Its size is looked at always; it is read only
 * when its stamp is not the one that it had when it was read last.
 */
export async function check (input: Input<'checkCache'>, { signal }: { signal: AbortSignal }): Promise<Output<'checkCache'>> {
  const { dir, id, about, stamp: last } = input
  const path = join(places.entry(dir, id), contentName)
  const stat = lstatSync(path, { throwIfNoEntry: false })
  if (stat?.isFile() !== true || stat.size !== about.bytes) return { state: 'damaged' }
  const stamp = stampOf(dir, id)
  const isSame = last?.inode === stamp.inode && last.modifiedMs === stamp.modifiedMs
  if (!isSame && await checksum(path, signal) !== about.sha256) return { state: 'damaged' }
  if (input.revalidate !== undefined && !await isCurrent(input, input.revalidate, signal)) return { state: 'stale' }
  const now = new Date()
  utimesSync(join(places.entry(dir, id), aboutName), now, now)       // the next agent knows what was used last
  return { state: 'good', stamp }
}

export function stampOf (dir: string, id: string): FileStamp {
  const { ino: inode, mtimeMs: modifiedMs } = lstatSync(join(places.entry(dir, id), contentName))
  return { inode, modifiedMs }
}

async function checksum (path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of openLocalFile(path).chunks) {
    signal.throwIfAborted()
    hash.update(chunk)
  }
  return hash.digest('hex')
}

/** A server that cannot be asked, or says nothing that can be compared, does not take away what is there. */
async function isCurrent ({ about, stallMs, transfer }: Input<'checkCache'>, uri: string, signal: AbortSignal): Promise<boolean> {
  const options = { ...plainTransfer, ...transfer }
  using client = startHttpClient(options)
  try {
    const { bytes, etag, lastModified } = await probe(sourceOf(uri, options), { client, options, stallMs }, signal)
    if (etag !== undefined && about.etag !== undefined) return etag === about.etag
    if (lastModified !== undefined && about.lastModified !== undefined && lastModified !== about.lastModified) return false
    return bytes === undefined || bytes === about.bytes
  } catch (error) {
    if (signal.aborted) throw signal.reason
    const status = (error as { detail?: { status?: number } }).detail?.status ?? 0
    return status < 400 || status >= 500       // it says that it has no such file any more, or not for us
  }
}
