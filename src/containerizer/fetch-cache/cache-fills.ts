import { randomUUID } from 'node:crypto'
import PQueue from 'p-queue'
import { race } from '../../base/deadline.ts'
import { AgentError } from '../../model/errors.ts'
import type { CacheProgress, Output } from '../../pool/jobs.ts'

export interface Wanted { readonly key: string, readonly uri: string, readonly user: string | undefined }

export interface FillWork<T> {
  /** Brings it; told of how much there is to come, and when it is to stop. */
  bring (id: string, wanted: Wanted, onProgress: (progress: CacheProgress) => void, signal: AbortSignal): Promise<Output<'fillCache'>>
  /** It has come: what its waiters get, each of them in turn. It stays in use until the last has it. */
  arrived (output: Output<'fillCache'>): T
  /** Nobody waits any more. */
  left (arrival: T): void
}

interface Flight<T> {
  waiters: number
  readonly stop: AbortController
  readonly listeners: Set<(progress: CacheProgress) => void>
  readonly done: Promise<T>
  arrival: T | undefined
}

/** One transfer per file, however many wait for it. One that gives up does not stop the others; with the last one it ends. */
export class CacheFills<T> {
  readonly #work: FillWork<T>
  readonly #flights = new Map<string, Flight<T>>()
  readonly #queue: PQueue

  constructor (work: FillWork<T>, concurrency: number) {
    this.#work = work
    this.#queue = new PQueue({ concurrency })
  }

  has (key: string): boolean { return this.#flights.has(key) }

  /** What `take` makes of it while it is certain to be there. */
  async wait<R> (wanted: Wanted, onProgress: (progress: CacheProgress) => void, take: (arrival: T) => R, signal: AbortSignal): Promise<R> {
    const flight = this.#flights.get(wanted.key) ?? this.#takeOff(wanted)
    flight.waiters++
    flight.listeners.add(onProgress)
    try {
      return take(await race(flight.done, signal))
    } finally {
      flight.listeners.delete(onProgress)
      if (--flight.waiters === 0) this.#land(wanted.key, flight)
    }
  }

  #takeOff (wanted: Wanted): Flight<T> {
    const stop = new AbortController()
    const listeners = new Set<(progress: CacheProgress) => void>()
    const tell = (progress: CacheProgress): void => { for (const listener of listeners) listener(progress) }
    const done = this.#queue.add(async () => {
      stop.signal.throwIfAborted()
      const output = await this.#work.bring(`${wanted.key.slice(0, 16)}-${randomUUID().slice(0, 8)}`, wanted, tell, stop.signal)
      const arrival = flight.arrival = this.#work.arrived(output)
      if (this.#flights.get(wanted.key) !== flight) this.#work.left(arrival)       // the last one has just given up
      return arrival
    })
    done.catch(() => {})       // its waiters know
    const flight: Flight<T> = { waiters: 0, stop, listeners, done, arrival: undefined }
    this.#flights.set(wanted.key, flight)
    return flight
  }

  #land (key: string, flight: Flight<T>): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key)
    if (flight.arrival !== undefined) this.#work.left(flight.arrival)
    else flight.stop.abort(new AgentError('CANCELLED', 'nobody waits for this file any more'))
  }
}
