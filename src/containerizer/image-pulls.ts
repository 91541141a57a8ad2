import { race } from '../base/deadline.ts'
import type { Engine } from '../engine/port.ts'
import { AgentError } from '../model/errors.ts'
import { fullName, parseImage } from '../model/image-reference.ts'
import { describePull, type PullProgress } from '../model/pull-progress.ts'
import type { Pool } from '../pool/pool.ts'
import type { Lanes } from './lanes.ts'
import type { ContainerizerMetrics } from './metrics.ts'

export interface ImagePullsDeps {
  readonly engine: Engine
  readonly pool: Pool
  readonly lanes: Lanes
  readonly socketPath: string
  readonly stallMs: number
  readonly metrics: ContainerizerMetrics
  /** While an image of this name is being removed: the end of that. */
  leaving? (name: string): Promise<unknown> | undefined
}

export interface WantedImage { readonly image: string, readonly forcePull: boolean, readonly priority: number }

interface Flight {
  waiters: number
  readonly stop: AbortController
  readonly done: Promise<void>
  progress: PullProgress | undefined
}

/** One pull per image, however many wait for it. */
export class ImagePulls {
  readonly #deps: ImagePullsDeps
  readonly #flights = new Map<string, Flight>()

  constructor (deps: ImagePullsDeps) { this.#deps = deps }

  /** Sees to it that the engine has the image. One that gives up does not stop the others; when the last one has, the pull ends. */
  async ensure ({ image, forcePull, priority }: WantedImage, signal: AbortSignal): Promise<void> {
    const name = fullName(parseImage(image))
    try {
      await race(this.#deps.leaving?.(name) ?? Promise.resolve(), signal)
      if (!forcePull && await this.#isThere(name, priority, signal)) return
      await this.#share(name, priority, signal)
    } catch (cause) {
      if (signal.aborted) throw signal.reason
      throw AgentError.wrap(cause, `image ${name}`)
    }
  }

  /** How far the pull of an image is, while there is one. */
  progress (image: string): PullProgress | undefined {
    return this.#flights.get(fullName(parseImage(image)))?.progress
  }

  /** Whether it is being pulled. */
  has (name: string): boolean { return this.#flights.has(name) }

  #isThere (name: string, priority: number, signal: AbortSignal): Promise<boolean> {
    const { lanes, engine } = this.#deps
    return lanes.run({ stage: 'image', priority }, callSignal => engine.hasImage(name, callSignal), signal)
  }

  async #share (name: string, priority: number, signal: AbortSignal): Promise<void> {
    const flight = this.#flights.get(name) ?? this.#takeOff(name, priority)
    const startedAt = performance.now()
    flight.waiters++
    try {
      await race(flight.done, signal)
    } catch (error) {
      if (signal.aborted || flight.progress === undefined) throw error
      throw AgentError.wrap(error, describePull(flight.progress, performance.now() - startedAt))
    } finally {
      if (--flight.waiters === 0) this.#land(name, flight)
    }
  }

  #takeOff (name: string, priority: number): Flight {
    const stop = new AbortController()
    const done = this.#deps.lanes.run({ stage: 'transfer', priority }, signal => this.#transfer(name, flight, signal), stop.signal)
    const flight: Flight = { waiters: 0, stop, done, progress: undefined }
    this.#flights.set(name, flight)
    return flight
  }

  /** Nobody waits any more: it has ended, or is stopped. Nobody may join it then. */
  #land (name: string, flight: Flight): void {
    if (this.#flights.get(name) === flight) this.#flights.delete(name)
    flight.stop.abort(new AgentError('CANCELLED', 'nobody waits for this image any more'))
  }

  async #transfer (name: string, flight: Flight, signal: AbortSignal): Promise<void> {
    const { pool, socketPath, stallMs, metrics } = this.#deps
    try {
      await pool.run('pull', { socketPath, image: name, stallMs }, signal, progress => { flight.progress = progress })
      metrics.pulls.inc({ outcome: 'ok' })
    } catch (error) {
      metrics.pulls.inc({ outcome: signal.aborted ? 'stopped' : 'failed' })
      throw error
    } finally {
      metrics.pulledBytes.inc(flight.progress?.bytes ?? 0)
    }
  }
}
