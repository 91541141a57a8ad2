import { race } from '../base/deadline.ts'
import type { Engine, PullProgress } from '../engine/port.ts'
import { describePull } from '../engine/pull-progress.ts'
import { AgentError } from '../model/errors.ts'
import { fullName, parseImage } from '../model/image-reference.ts'
import type { Pool } from '../pool/pool.ts'
import type { Lanes } from './lanes.ts'

export interface PullDeps {
  readonly engine: Engine
  readonly pool: Pool
  readonly lanes: Lanes
  readonly socketPath: string
  readonly stallMs: number
}

interface Flight {
  waiters: number
  readonly stop: AbortController
  readonly done: Promise<void>
  progress: PullProgress | undefined
}

export interface WantedImage { readonly image: string, readonly forcePull: boolean, readonly priority: number }

export interface ImagePulls {
  /** Sees to it that the engine has the image. All who ask for one image at a time share one pull; one that gives up does not stop the others. */
  ensure (wanted: WantedImage, signal: AbortSignal): Promise<void>
  /** How far the pull of an image is, while there is one. */
  progress (image: string): PullProgress | undefined
}

export function imagePulls ({ engine, pool, lanes, socketPath, stallMs }: PullDeps): ImagePulls {
  const flights = new Map<string, Flight>()

  function takeOff (name: string, priority: number): Flight {
    const stop = new AbortController()
    const done = lanes.run({ stage: 'transfer', priority }, signal => transfer(name, flight, signal), stop.signal)
    const flight: Flight = { waiters: 0, stop, done, progress: undefined }
    flights.set(name, flight)
    void flight.done.catch(() => {}).finally(() => { if (flights.get(name) === flight) flights.delete(name) })
    return flight
  }

  function hasImage (name: string, priority: number, signal: AbortSignal): Promise<boolean> {
    return lanes.run({ stage: 'image', priority }, callSignal => engine.hasImage(name, callSignal), signal)
  }

  async function transfer (name: string, flight: Flight, signal: AbortSignal): Promise<void> {
    await pool.run('pull', { socketPath, image: name, stallMs }, signal, progress => { flight.progress = progress })
  }

  async function share (name: string, priority: number, signal: AbortSignal): Promise<void> {
    const flight = flights.get(name) ?? takeOff(name, priority)
    const startedAt = performance.now()
    flight.waiters++
    try {
      await race(flight.done, signal)
    } catch (error) {
      if (signal.aborted || flight.progress === undefined) throw error
      throw AgentError.wrap(error, describePull(flight.progress, performance.now() - startedAt))
    } finally {
      if (--flight.waiters === 0) {
        if (flights.get(name) === flight) flights.delete(name)      // nobody may join a pull that is being stopped
        flight.stop.abort(new AgentError('CANCELLED', 'nobody waits for this image any more'))
      }
    }
  }

  return {
    async ensure ({ image, forcePull, priority }, signal) {
      const name = fullName(parseImage(image))
      try {
        if (!forcePull && await hasImage(name, priority, signal)) return
        await share(name, priority, signal)
      } catch (cause) {
        if (signal.aborted) throw signal.reason
        throw AgentError.wrap(cause, `image ${name}`)
      }
    },
    progress: image => flights.get(fullName(parseImage(image)))?.progress,
  }
}
