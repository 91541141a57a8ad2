import { existsSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { race } from '../../base/deadline.ts'
import type { Log } from '../../base/log.ts'
import { AgentError } from '../../model/errors.ts'
import type { CacheEntry } from '../../model/fetch-cache.ts'
import type { TransferOptions } from '../../model/transfer-options.ts'
import type { CacheProgress, Output } from '../../pool/jobs.ts'
import type { Pool } from '../../pool/pool.ts'
import { CacheAccounts, type Kept } from './accounts.ts'
import { CacheFills, type Wanted } from './cache-fills.ts'
import { CacheChecks } from './cache-checks.ts'
import type { CacheOutcome, DropReason, FetchCacheMetrics } from './metrics.ts'

export interface FetchCacheOptions {
  readonly pool: Pool
  readonly dir: string
  readonly maxBytes: number
  readonly revalidate: boolean
  /** Transfers into the cache at once. */
  readonly fillsAtOnce: number
  readonly stallMs: number
  readonly transfer?: Partial<TransferOptions>
  readonly metrics: FetchCacheMetrics
  readonly log: Log
}

/** A cached file in use; to be released. */
export interface Lease {
  readonly path: string
  readonly bytes: number
  release (): void
}

/** How an entry is told of. */
export interface CacheReport extends CacheEntry { readonly users: number, readonly isLeaving: boolean }

const never = new AbortController().signal
const tooLarge = new AgentError('FETCH_FAILED', 'it is larger than the cache')

/**
 * Files that tasks of one user share. What is kept, for how long, and who uses it is decided here alone; worker threads move the bytes. Every
 * entry comes and goes by one rename, so that a crash leaves whole ones only.
 */
export class FetchCache {
  readonly #options: FetchCacheOptions
  readonly #accounts: CacheAccounts
  readonly #fills: CacheFills<Kept>
  readonly #checks: CacheChecks
  #loading: Promise<boolean> | undefined

  constructor (options: FetchCacheOptions) {
    this.#options = options
    this.#accounts = new CacheAccounts(options.maxBytes)
    this.#checks = new CacheChecks(options)
    this.#fills = new CacheFills({
      bring: (id, wanted, onProgress, signal) => this.#bring(id, wanted, onProgress, signal),
      arrived: output => this.#arrived(output),
      left: kept => { this.#release(kept) },
    }, options.fillsAtOnce)
    if (existsSync(options.dir)) void this.#ready()         // else there is nothing to be told of, and no thread to be begun for it
    options.metrics.from(() => ({ bytes: this.#accounts.usedBytes, entries: this.#accounts.entries }))
  }

  /** The file of a URI for a user; undefined: it is to be fetched past the cache. */
  async lease (uri: string, user: string | undefined, onProgress: (progress: CacheProgress) => void, signal: AbortSignal): Promise<Lease | undefined> {
    const { metrics } = this.#options
    const wanted = { uri, user, key: keyOf(uri, user) }
    if (!await race(this.#ready(), signal)) return undefined
    for (let kept = this.#accounts.find(wanted.key); kept !== undefined; kept = this.#accounts.find(wanted.key)) {
      const lease = await this.#ifGood(kept, uri, signal)
      if (lease === undefined) continue
      metrics.requested('hit')
      return lease
    }
    let outcome: CacheOutcome = this.#fills.has(wanted.key) ? 'shared' : 'miss'
    try {
      return await this.#fills.wait(wanted, onProgress, one => this.#leaseOf(one), signal)
    } catch (error) {
      if (!(error instanceof AgentError) || error.message !== tooLarge.message) throw error
      outcome = 'bypassed'
      return undefined
    } finally {
      metrics.requested(outcome)
    }
  }

  async list (): Promise<CacheReport[]> {
    await this.#ready()
    return [...this.#accounts.all()].map(({ id, about, diskBytes, usedAtMs, pins: users, isDoomed: isLeaving }) => {
      return { id, about, diskBytes, usedAtMs, users, isLeaving }
    })
  }

  /** Removes the entries that are meant, those in use when they no longer are; tells which. */
  async remove (isMeant: (entry: CacheEntry) => boolean): Promise<CacheReport[]> {
    const meant = (await this.list()).filter(entry => !entry.isLeaving && isMeant(entry))
    const ids = new Set(meant.map(({ id }) => id))
    await Promise.all([...this.#accounts.all()].filter(({ id }) => ids.has(id)).map(kept => this.#doom(kept, 'asked')))
    return meant
  }

  get usedBytes (): number { return this.#accounts.usedBytes }
  get maxBytes (): number { return this.#accounts.maxBytes }

  /** Whether it can be used. */
  #ready (): Promise<boolean> {
    return this.#loading ??= this.#options.maxBytes > 0 ? this.#load() : Promise.resolve(false)
  }

  async #load (): Promise<boolean> {
    const { pool, dir, log } = this.#options
    try {
      const { entries } = await pool.run('loadCache', { dir }, never)
      for (const entry of entries.sort((a, b) => a.usedAtMs - b.usedAtMs)) this.#accounts.add(entry, undefined)
      await Promise.all([...this.#accounts.all()].filter(({ isDoomed }) => isDoomed).map(kept => this.#drop(kept)))
      this.#makeRoom()
      return true
    } catch (error) {
      log.error({ dir, error }, 'the fetch cache cannot be used; URIs are fetched past it')
      return false
    }
  }

  async #ifGood (kept: Kept, uri: string, signal: AbortSignal): Promise<Lease | undefined> {
    const lease = this.#leaseOf(kept)
    let state: DropReason | 'good' | undefined
    try {
      state = await race(this.#checks.check(kept, uri), signal)
    } finally {
      if (state !== 'good') lease.release()
    }
    if (state === 'good') return lease
    if (state === 'damaged') this.#options.log.warn({ uri: kept.about.shown, id: kept.id }, 'a cached file was damaged, and is fetched anew')
    void this.#doom(kept, state)
    return undefined
  }

  #leaseOf (kept: Kept): Lease {
    kept.pins++
    this.#accounts.use(kept)
    let isHeld = true
    return {
      path: join(this.#options.dir, 'entries', kept.id, 'content'),
      bytes: kept.about.bytes,
      release: () => {
        if (isHeld) this.#release(kept)
        isHeld = false
      },
    }
  }

  #release (kept: Kept): void {
    kept.pins--
    if (kept.isDoomed && kept.pins === 0) void this.#drop(kept)
    else this.#makeRoom()
  }

  async #bring (id: string, wanted: Wanted, onProgress: (progress: CacheProgress) => void, signal: AbortSignal): Promise<Output<'fillCache'>> {
    const { pool, dir, stallMs, transfer, maxBytes } = this.#options
    const stop = new AbortController()
    const onAbort = (): void => { stop.abort(signal.reason) }
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      return await pool.run('fillCache', { dir, id, ...wanted, stallMs, ...(transfer && { transfer }) }, stop.signal, progress => {
        const bytes = Math.max(progress.bytes, progress.totalBytes ?? 0)
        if (bytes > maxBytes) stop.abort(tooLarge)
        this.#accounts.reserve(id, bytes)
        this.#makeRoom()
        onProgress(progress)
      })
    } finally {
      signal.removeEventListener('abort', onAbort)
      this.#accounts.reserve(id, 0)
    }
  }

  /** It stays in use until all who waited for it have it. One for which there is no room goes when they are done with it. */
  #arrived ({ entry, stamp }: Output<'fillCache'>): Kept {
    const older = this.#accounts.find(entry.about.key)
    if (older !== undefined) void this.#doom(older, 'stale')
    const kept = this.#accounts.add(entry, stamp)
    kept.pins = 1
    if (!this.#makeRoom()) this.#accounts.doom(kept)
    return kept
  }

  /** Whether all fits once those that were used longest ago are gone. */
  #makeRoom (): boolean {
    const surplus = this.#accounts.surplus()
    for (const kept of surplus ?? []) void this.#doom(kept, 'room')
    return surplus !== undefined
  }

  async #doom (kept: Kept, reason: DropReason): Promise<void> {
    const isFirst = !kept.isDoomed
    this.#accounts.doom(kept)
    if (isFirst) this.#options.metrics.dropped(reason)
    if (kept.pins === 0) await this.#drop(kept)
  }

  /** One that cannot be removed still counts, and is tried again when room is needed. */
  async #drop (kept: Kept): Promise<void> {
    const { pool, dir, log } = this.#options
    if (kept.isLeaving) return
    kept.isLeaving = true
    try {
      await pool.run('dropCache', { dir, id: kept.id }, never)
      this.#accounts.gone(kept)
    } catch (error) {
      kept.isLeaving = false
      log.warn({ id: kept.id, error }, 'an entry of the fetch cache could not be removed')
    }
  }
}

function keyOf (uri: string, user: string | undefined): string {
  return createHash('sha256').update(JSON.stringify([user ?? null, uri])).digest('hex')
}
