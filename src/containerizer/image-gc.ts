import { delay, startDeadline } from '../base/deadline.ts'
import type { Log } from '../base/log.ts'
import type { Engine, ListedImage } from '../engine/port.ts'
import { AgentError } from '../model/errors.ts'
import type { Pool } from '../pool/pool.ts'
import { familiarName } from './image-removals.ts'
import type { ContainerizerMetrics } from './metrics.ts'

export interface ImageGcDeps {
  readonly engine: Engine
  readonly pool: Pool
  readonly log: Log
  readonly metrics: ContainerizerMetrics
  /** Parts of the engine's disk: above the one it begins, at the other it ends. */
  readonly high: number
  readonly low: number
  readonly keep: readonly string[]
  readonly everyMs: number
  removeImage (image: ListedImage): Promise<boolean>
}

const askMs = 30_000

/** Removes images that no container has when the engine's disk fills up, those that were used longest ago first. */
export class ImageGc {
  readonly #deps: ImageGcDeps
  /** When each was last seen in use, or came; 0 for those that were there before us and are not used. */
  readonly #usedAtMs = new Map<string, number>()
  #isFirstLook = true

  constructor (deps: ImageGcDeps) { this.#deps = deps }

  /** Until the signal aborts. */
  async watch (signal: AbortSignal): Promise<void> {
    for (; !signal.aborted; await delay(this.#deps.everyMs, signal).catch(() => {})) {
      await this.round(signal).catch((error: unknown) => {
        if (!signal.aborted) this.#deps.log.warn({ error }, 'images could not be looked through; trying again')
      })
    }
  }

  async round (signal: AbortSignal): Promise<void> {
    const { engine, high } = this.#deps
    using deadline = startDeadline(signal, askMs, () => new AgentError('STAGE_TIMEOUT', `the engine took over ${askMs / 1000} s`))
    const path = await engine.dataRoot(deadline.signal)
    const idle = this.#idle(await engine.images(deadline.signal), await engine.imagesInUse(deadline.signal))
    if (await this.#used(path, signal) > high) await this.#removeSome(idle, path, signal)
  }

  /** Those that may go, the first to go first. One that was not there at the last look may be about to be used. */
  #idle (images: readonly ListedImage[], inUse: ReadonlySet<string>): ListedImage[] {
    const known = new Map(this.#usedAtMs)
    const now = Date.now()
    this.#usedAtMs.clear()
    for (const { id } of images) this.#usedAtMs.set(id, inUse.has(id) ? now : known.get(id) ?? (this.#isFirstLook ? 0 : now))
    this.#isFirstLook = false
    const usedAt = ({ id }: ListedImage): number => known.get(id) ?? 0
    return images
      .filter(image => known.has(image.id) && !inUse.has(image.id) && !isKept(image, this.#deps.keep))
      .sort((a, b) => usedAt(a) - usedAt(b) || a.createdAt - b.createdAt)
  }

  async #removeSome (idle: readonly ListedImage[], path: string, signal: AbortSignal): Promise<void> {
    const { low, log, metrics, removeImage } = this.#deps
    for (const image of idle) {
      signal.throwIfAborted()
      const { id, tags } = image
      try {
        if (!await removeImage(image)) continue
        metrics.tidy.imageRemovals.inc({ outcome: 'ok' })
        log.info({ image: tags[0] ?? id }, 'an image that nobody used was removed')
      } catch (error) {
        metrics.tidy.imageRemovals.inc({ outcome: 'failed' })
        log.warn({ image: tags[0] ?? id, error }, 'an image could not be removed')
      }
      if (await this.#used(path, signal) <= low) return
    }
    log.warn({ path, low }, 'no more images can be removed, and the engine\'s disk is still fuller than it ought to be')
  }

  async #used (path: string, signal: AbortSignal): Promise<number> {
    const { usedRatio } = await this.#deps.pool.run('disk', { path }, signal)
    this.#deps.metrics.tidy.engineUsed.set(usedRatio)
    return usedRatio
  }
}

/** "app" is all its tags, "app:1" one of them, "registry/team/*" all that begins so. */
export function isKept ({ tags, digests }: ListedImage, keep: readonly string[]): boolean {
  return [...tags, ...digests].some(name => keep.some(kept => {
    if (kept.endsWith('*')) return name.startsWith(kept.slice(0, -1))
    return name === kept || familiarName(kept) === name || name.replace(/(:[^:/]+|@sha256:.*)$/, '') === kept
  }))
}
