import { createHash } from 'node:crypto'
import { backoff } from '../base/backoff.ts'
import { delay, race } from '../base/deadline.ts'
import type { Engine } from '../engine/port.ts'
import { describeLogin, type Login } from '../model/docker-config.ts'
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

export interface WantedImage {
  readonly image: string
  readonly forcePull: boolean
  readonly priority: number
  /** Since when it is wanted (performance.now()): that the engine has it need not be asked again where it was asked later, for another. */
  readonly sinceMs?: number
  /** Asked when it comes to a pull. */
  readonly login?: () => Promise<Login>
}

/** What is to be pulled; `key` is the same for all who may share the pull. */
interface Wanted { readonly name: string, readonly login: Login | undefined, readonly key: string, readonly priority: number }

interface Flight {
  readonly name: string
  waiters: number
  readonly stop: AbortController
  readonly done: Promise<void>
  progress: PullProgress | undefined
}

/** More images than that are hardly wanted by launches that wait together. */
const namesKept = 100
const [firstRepeatMs, lastRepeatMs] = [100, 2_000]

/** One pull per image and login, however many wait for it. */
export class ImagePulls {
  readonly #deps: ImagePullsDeps
  readonly #flights = new Map<string, Flight>()
  /** When the engine was last asked for an image that it has. */
  readonly #askedAtMs = new Map<string, number>()
  #landed = 0

  constructor (deps: ImagePullsDeps) { this.#deps = deps }

  /** Sees to it that the engine has the image. One that gives up does not stop the others; when the last one has, the pull ends. */
  async ensure ({ image, forcePull, priority, sinceMs = Infinity, login: loginOf }: WantedImage, signal: AbortSignal): Promise<void> {
    const name = fullName(parseImage(image))
    try {
      await race(this.#deps.leaving?.(name) ?? Promise.resolve(), signal)
      const landed = this.#landed
      if (!forcePull && ((this.#askedAtMs.get(name) ?? -1) >= sinceMs || await this.#isThere(name, priority, signal))) return
      const login = await loginOf?.()
      // A pull that has ended since may have brought it.
      if (!forcePull && landed !== this.#landed && await this.#isThere(name, priority, signal)) return
      await this.#share({ name, login, priority, key: keyOf(name, login) }, signal)
    } catch (cause) {
      if (signal.aborted) throw signal.reason
      throw AgentError.wrap(cause, `image ${name}`)
    }
  }

  /** How far the pull of an image is, while there is one. */
  progress (image: string): PullProgress | undefined {
    const name = fullName(parseImage(image))
    return [...this.#flights.values()].find(flight => flight.name === name && flight.progress !== undefined)?.progress
  }

  /** Whether it is being pulled. */
  has (name: string): boolean { return [...this.#flights.values()].some(flight => flight.name === name) }

  /** To ask twice costs nothing: an engine that goes away meanwhile is asked again when there is one. */
  async #isThere (name: string, priority: number, signal: AbortSignal): Promise<boolean> {
    const waits = backoff(firstRepeatMs, lastRepeatMs)
    while (true) {
      try {
        return await this.#deps.lanes.run({ stage: 'image', priority }, callSignal => this.#ask(name, callSignal), signal)
      } catch (error) {
        if (!hasGoneAway(error)) throw error
        await delay(waits.next().value, signal)
      }
    }
  }

  async #ask (name: string, signal: AbortSignal): Promise<boolean> {
    const askedAtMs = performance.now()
    const isThere = await this.#deps.engine.hasImage(name, signal)
    this.#askedAtMs.delete(name)
    if (isThere) this.#remember(name, askedAtMs)
    return isThere
  }

  /** What was asked longest ago goes: it would only be asked again. */
  #remember (name: string, askedAtMs: number): void {
    this.#askedAtMs.set(name, askedAtMs)
    if (this.#askedAtMs.size <= namesKept) return
    const [oldest = name] = this.#askedAtMs.keys()
    this.#askedAtMs.delete(oldest)
  }

  async #share (wanted: Wanted, signal: AbortSignal): Promise<void> {
    const flight = this.#flights.get(wanted.key) ?? this.#takeOff(wanted)
    const startedAt = performance.now()
    flight.waiters++
    try {
      await race(flight.done, signal)
    } catch (error) {
      if (signal.aborted || flight.progress === undefined) throw error
      throw AgentError.wrap(error, describePull(flight.progress, performance.now() - startedAt))
    } finally {
      if (--flight.waiters === 0) this.#land(wanted.key, flight)
    }
  }

  #takeOff (wanted: Wanted): Flight {
    const { name, key, priority } = wanted
    const stop = new AbortController()
    const done = this.#deps.lanes.run({ stage: 'transfer', priority }, signal => this.#transfer(wanted, flight, signal), stop.signal)
    const flight: Flight = { name, waiters: 0, stop, done, progress: undefined }
    this.#flights.set(key, flight)
    return flight
  }

  /** Nobody waits any more: it has ended, or is stopped. Nobody may join it then. */
  #land (key: string, flight: Flight): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key)
    this.#landed++
    flight.stop.abort(new AgentError('CANCELLED', 'nobody waits for this image any more'))
  }

  async #transfer ({ name, login }: Wanted, flight: Flight, signal: AbortSignal): Promise<void> {
    const { pool, socketPath, stallMs, metrics } = this.#deps
    try {
      await pool.run('pull', { socketPath, image: name, stallMs, ...(login && { login }) }, signal, progress => { flight.progress = progress })
      metrics.pulls.inc({ outcome: 'ok' })
    } catch (error) {
      metrics.pulls.inc({ outcome: signal.aborted ? 'stopped' : 'failed' })
      throw login && AgentError.from(error).code === 'DENIED' ? AgentError.wrap(error, describeLogin(login)) : error
    } finally {
      metrics.pulledBytes.inc(flight.progress?.bytes ?? 0)
    }
  }
}

/** In the middle of a call; that there was no engine for too long is another matter. */
function hasGoneAway (error: unknown): boolean {
  return error instanceof AgentError && error.code === 'ENGINE_DOWN' && error.detail['call'] !== undefined
}

/** With its login: what the credentials of one open is not handed to another. */
function keyOf (name: string, login: Login | undefined): string {
  if (login === undefined || login.kind === 'none') return name
  return `${name} ${createHash('sha256').update(JSON.stringify(login)).digest('hex')}`
}
