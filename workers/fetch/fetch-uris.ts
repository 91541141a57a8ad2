import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { startThrottle } from '../../src/base/throttle.ts'
import { plainArchives } from '../../src/model/archive-limits.ts'
import { AgentError, messageOf } from '../../src/model/errors.ts'
import { plainTransfer } from '../../src/model/transfer-options.ts'
import type { Input, Output } from '../../src/pool/jobs.ts'
import type { JobContext } from '../../src/pool/serve.ts'
import { fetchItem, type FetchedItem } from './fetch-item.ts'
import { startHttpClient } from './http/http-client.ts'
import { inParallel } from './in-parallel.ts'
import { planFetch, type Item } from './plan.ts'
import { reportMs, reportTo } from './progress.ts'
import { allowanceOf } from './room.ts'
import { settle } from './settle.ts'
import { syncFolders } from './sync-folders.ts'
import { translateFailure } from './translate-failure.ts'

const folderPrefix = '.slipway-fetch-'

/**
 * Brings a task's files into its sandbox, all or none. Each has a folder of its own in a private one until all have come; a failure or a
 * cancel leaves the sandbox as it was.
 */
export async function fetchUris (input: Input<'fetch'>, context: JobContext<'fetch'>): Promise<Output<'fetch'>> {
  const { sandbox, uris, stallMs, archives = plainArchives, owner, cached = [] } = input
  const options = { ...plainTransfer, ...input.transfer }
  const items = planFetch(uris, options)
  if (items.length === 0) return { bytes: 0, cachedBytes: 0 }
  context.signal.throwIfAborted()
  const folder = makeFolder(sandbox)
  try {
    using client = startHttpClient(options)
    using throttle = startThrottle(context.progress, reportMs)
    const fetched: FetchedItem[] = []
    const work = { client, options, stallMs, allowance: allowanceOf(options), archives, owner, report: reportTo(throttle, items.length) }
    await inParallel(items, options.urisAtOnce, context.signal, async (item, signal) => {
      const wanted = { item, cached: cached[item.file - 1], root: join(folder, String(item.file)) }
      fetched.push(await fetchItem(wanted, work, signal).catch((error: unknown) => {
        throw signal.aborted ? signal.reason : named(error, item, items.length)
      }))
    })
    settle(fetched.sort((a, b) => a.item.file - b.item.file), sandbox)
    if (options.sync) syncFolders(sandbox, items.map(({ target }) => target))
    return { bytes: sum(fetched.filter(one => !one.isCached)), cachedBytes: sum(fetched.filter(one => one.isCached)) }
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  }
}

/** Refuses what cannot be fetched, before the first byte. */
export async function checkUris ({ uris, transfer }: Input<'checkUris'>): Promise<Output<'checkUris'>> {
  planFetch(uris, { ...plainTransfer, ...transfer })
}

function sum (fetched: readonly FetchedItem[]): number {
  return fetched.reduce((total, { bytes }) => total + bytes, 0)
}

/** Of a thread that was lost in the middle of this very fetch. */
function removeLeftovers (sandbox: string): void {
  for (const name of readdirSync(sandbox)) if (name.startsWith(folderPrefix)) rmSync(join(sandbox, name), { recursive: true, force: true })
}

function makeFolder (sandbox: string): string {
  try {
    removeLeftovers(sandbox)
    return mkdtempSync(join(sandbox, folderPrefix))
  } catch (error) {
    const isFull = translateFailure(error).code === 'DISK_FULL'
    throw new AgentError(isFull ? 'DISK_FULL' : 'SANDBOX_FAILED', `cannot write to the sandbox: ${messageOf(error)}`, { path: sandbox })
  }
}

/** A failure with the URI that it is about. */
function named (error: unknown, { shown, file }: Item, files: number): AgentError {
  const { code, message, detail } = translateFailure(error)
  const place = files > 1 ? ` (file ${file} of ${files})` : ''
  return new AgentError(code, `${shown}: ${message}${place}`, { ...detail, uri: shown, file, files })
}
