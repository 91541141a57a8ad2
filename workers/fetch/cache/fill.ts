import { mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { startThrottle } from '../../../src/base/throttle.ts'
import type { CacheAbout } from '../../../src/model/fetch-cache.ts'
import { AgentError } from '../../../src/model/errors.ts'
import { plainTransfer } from '../../../src/model/transfer-options.ts'
import type { Input, Output } from '../../../src/pool/jobs.ts'
import type { JobContext } from '../../../src/pool/serve.ts'
import { startHttpClient } from '../http/http-client.ts'
import { allowanceOf } from '../room.ts'
import { sourceOf } from '../source.ts'
import { transfer } from '../transfer.ts'
import { translateFailure } from '../translate-failure.ts'
import { writeAbout } from './about.ts'
import { stampOf } from './check.ts'
import { diskBytesOf } from './disk-bytes.ts'
import { contentName, places } from './places.ts'

const reportMs = 100

/** What a crash may come between; tests let one come there. */
export type OnStep = (step: string) => void

/** Brings a URI's file into the cache. A failure or a cancel leaves nothing of it. */
export async function fill (input: Input<'fillCache'>, context: JobContext<'fillCache'>, onStep: OnStep = () => {}): Promise<Output<'fillCache'>> {
  const { dir, id } = input
  const incoming = places.incoming(dir, id)
  try {
    for (const folder of [incoming, places.entry(dir, id)]) rmSync(folder, { recursive: true, force: true })       // of a thread that was lost here
    mkdirSync(incoming, { recursive: true, mode: 0o700 })
    onStep('folder')
    const about = await bring(input, join(incoming, contentName), context)
    onStep('content')
    writeAbout(incoming, about)
    onStep('about')
    mkdirSync(places.entries(dir), { recursive: true, mode: 0o700 })
    renameSync(incoming, places.entry(dir, id))
    onStep('entry')
    return { entry: { id, about, diskBytes: diskBytesOf(places.entry(dir, id)), usedAtMs: Date.now() }, stamp: stampOf(dir, id) }
  } catch (error) {
    rmSync(incoming, { recursive: true, force: true })
    if (context.signal.aborted) throw context.signal.reason
    const { code, message, detail } = translateFailure(error)
    throw new AgentError(code, message, detail)
  }
}

async function bring (input: Input<'fillCache'>, path: string, { signal, progress }: JobContext<'fillCache'>): Promise<CacheAbout> {
  const { uri, stallMs, key, user } = input
  const options = { ...plainTransfer, ...input.transfer }
  const source = sourceOf(uri, options)
  using client = startHttpClient(options)
  using throttle = startThrottle(progress, reportMs)
  const onBytes = (bytes: number, totalBytes: number | undefined): void => { throttle.add({ bytes, totalBytes }) }
  const work = { client, options, stallMs, allowance: allowanceOf(options), digest: true, onBytes }
  const { bytes, etag, lastModified, sha256 } = await transfer(source, path, work, signal)
  if (sha256 === undefined) throw new AgentError('INTERNAL', 'a transfer without its checksum')
  return { key, user, shown: source.shown, bytes, sha256, etag, lastModified, fetchedAtMs: Date.now() }
}
