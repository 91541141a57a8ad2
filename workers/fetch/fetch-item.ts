import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { ArchiveLimits } from '../../src/model/archive-limits.ts'
import type { CachedFile } from '../../src/model/fetch-cache.ts'
import type { FileOwner } from '../../src/pool/jobs.ts'
import { extract } from './archive/extract.ts'
import { ownTree } from './own-tree.ts'
import { placeCached } from './place-cached.ts'
import type { Item } from './plan.ts'
import type { Report } from './progress.ts'
import type { Settleable } from './settle.ts'
import { transfer, type TransferWork } from './transfer.ts'

const executableMode = 0o755

export interface Work extends Omit<TransferWork, 'onBytes'> {
  readonly report: Report
  readonly archives: ArchiveLimits
  readonly owner: FileOwner | undefined
}

/** A file, where it is in the cache if it is, and the folder for it. */
export interface Wanted { readonly item: Item, readonly cached: CachedFile | undefined, readonly root: string }

/** Bytes that were transferred, or that came from the cache. */
export interface FetchedItem extends Settleable { readonly bytes: number, readonly isCached: boolean }

/** Brings one file, and what is in it, into a folder of its own. An archive that is in the cache is extracted from there and not brought itself. */
export async function fetchItem ({ item, cached, root }: Wanted, work: Work, signal: AbortSignal): Promise<FetchedItem> {
  mkdirSync(root)
  const path = join(root, item.target)
  const { format, target: name } = item
  let bytes = cached?.bytes ?? 0
  let isShared = false
  if (cached === undefined) bytes = await bring(item, path, work, signal)
  else if (format === undefined) isShared = await placeCached(cached, path, item.executable ? executableMode : undefined, signal)
  const archive = cached?.path ?? path
  const links = format === undefined ? [] : await extract({ path: archive, format, limits: work.archives, name }, root, signal)
  if (work.owner !== undefined) await ownTree(root, work.owner, one => isShared && one === path, signal)
  return { item, root, links, bytes, isCached: cached !== undefined }
}

async function bring (item: Item, path: string, { report, ...work }: Work, signal: AbortSignal): Promise<number> {
  const onBytes = (bytes: number, totalBytes: number | undefined): void => { report(item, bytes, totalBytes) }
  const { bytes } = await transfer(item.source, path, { ...work, onBytes, onRetry: isResumed => { report.retry(item, isResumed) } }, signal)
  if (item.executable) chmodSync(path, executableMode)
  return bytes
}
