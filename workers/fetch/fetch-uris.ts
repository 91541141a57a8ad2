import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { startThrottle } from '../../src/base/throttle.ts'
import { AgentError, messageOf } from '../../src/model/errors.ts'
import { plainTransfer } from '../../src/model/transfer-options.ts'
import type { Input, Output } from '../../src/pool/jobs.ts'
import type { JobContext } from '../../src/pool/serve.ts'
import { defaultLimits } from './archive/limits.ts'
import { extract } from './archive/extract.ts'
import { startHttpClient } from './http/http-client.ts'
import { inParallel } from './in-parallel.ts'
import { planFetch, type Item } from './plan.ts'
import { reportMs, reportTo, type Report } from './progress.ts'
import { allowanceOf } from './room.ts'
import { settle, type Fetched } from './settle.ts'
import { transfer, type TransferWork } from './transfer.ts'
import { translateFailure } from './translate-failure.ts'

const executableMode = 0o755
const folderPrefix = '.slipway-fetch-'

/**
 * Brings a task's files into its sandbox, all or none. Each has a folder of its own in a private one until all have come; a failure or a
 * cancel leaves the sandbox as it was.
 */
export async function fetchUris ({ sandbox, uris, stallMs, transfer: given }: Input<'fetch'>, context: JobContext<'fetch'>): Promise<Output<'fetch'>> {
  const options = { ...plainTransfer, ...given }
  const items = planFetch(uris, options)
  if (items.length === 0) return { bytes: 0 }
  context.signal.throwIfAborted()
  const folder = makeFolder(sandbox)
  try {
    using client = startHttpClient(options)
    using throttle = startThrottle(context.progress, reportMs)
    const fetched: Fetched[] = []
    const work = { client, options, stallMs, allowance: allowanceOf(options), report: reportTo(throttle, items.length) }
    await inParallel(items, options.urisAtOnce, context.signal, async (item, signal) => {
      fetched.push(await fetchItem(item, join(folder, String(item.file)), work, signal).catch((error: unknown) => {
        throw signal.aborted ? signal.reason : named(error, item, items.length)
      }))
    })
    settle(fetched.sort((a, b) => a.item.file - b.item.file), sandbox)
    return { bytes: fetched.reduce((sum, { bytes }) => sum + bytes, 0) }
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  }
}

interface Work extends Omit<TransferWork, 'onBytes'> { readonly report: Report }

async function fetchItem (item: Item, root: string, { report, ...work }: Work, signal: AbortSignal): Promise<Fetched> {
  mkdirSync(root)
  const path = join(root, item.target)
  const onBytes = (bytes: number, totalBytes: number | undefined): void => { report(item, bytes, totalBytes) }
  const { bytes } = await transfer(item.source, path, { ...work, onBytes }, signal)
  if (item.executable) chmodSync(path, executableMode)
  const links = item.format === undefined ? [] : await extract({ path, format: item.format, limits: defaultLimits }, root, signal)
  return { item, root, bytes, links }
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
