import PQueue from 'p-queue'
import { engineClasses, type EngineClass } from './operations.ts'
import { takePlace, type Release } from './take-place.ts'

export interface GateLimits {
  /** Calls to the engine at once, by class. Destroys have theirs to themselves: no number of hung launches keeps one out. */
  readonly places: Readonly<Record<EngineClass, number>>
  /** Urgent destroys hold launches back no longer than this at a stretch; then these have a turn, `turnMs` long. */
  readonly maxPauseMs: number
  readonly turnMs: number
}

/** Why no launch call may begin, however long it takes. */
export type Closure = 'quarantine' | 'engine'

export interface Gate {
  pass (engineClass: EngineClass, priority: number, signal: AbortSignal): Promise<Release>
  /** No launch call begins until it is released, within the bounds. */
  holdLaunches (): Release
  /** The same without bounds: too many calls are overdue, or the engine does not answer. */
  closeToLaunches (why: Closure, isClosed: boolean): void
  readonly launchesArePaused: boolean
}

/** The one way to the engine: each class of calls has its places, and launches stand back for urgent destroys. */
export function createGate ({ places, maxPauseMs, turnMs }: GateLimits): Gate {
  const queues = Object.fromEntries(engineClasses.map(name => [name, new PQueue({ concurrency: places[name] })])) as Record<EngineClass, PQueue>
  let holds = 0
  const closures = new Set<Closure>()
  let hasTurn = false
  let timer: NodeJS.Timeout | undefined

  function settle (): void {
    const shouldPause = closures.size > 0 || (holds > 0 && !hasTurn)
    if (shouldPause) queues.launch.pause()
    else queues.launch.start()
  }

  /** While urgent destroys go on: paused, a turn, paused, … */
  function alternate (): void {
    timer = setTimeout(() => {
      hasTurn = !hasTurn
      settle()
      alternate()
    }, hasTurn ? turnMs : maxPauseMs)
  }

  return {
    pass: (engineClass, priority, signal) => takePlace(queues[engineClass], priority, signal),
    holdLaunches () {
      if (holds++ === 0) alternate()
      settle()
      let isHeld = true
      return () => {
        if (!isHeld) return
        isHeld = false
        if (--holds === 0) {
          clearTimeout(timer)
          hasTurn = false
        }
        settle()
      }
    },
    closeToLaunches (why, isClosed) {
      if (isClosed) closures.add(why)
      else closures.delete(why)
      settle()
    },
    get launchesArePaused () { return queues.launch.isPaused },
  }
}
