import { stages } from '../model/lifecycle.ts'

/** Who goes first at the engine: a destroy before an update before a launch. */
export const engineClasses = ['destroy', 'update', 'launch'] as const
export type EngineClass = typeof engineClasses[number]

/**
 * All that runs in a lane: the stages of a launch (`pull` is what a launch sees, `image` asks the engine for it, `transfer` is a pull itself,
 * which launches share), the look at a container that may have ended, a command in one that runs (`exec`), its figures (`usage`), new limits in
 * the kernel (`update`) and at the engine (`record`), the steps of a destroy (`signal`:
 * past an engine that does not answer), the removal of an image (`discard`).
 */
export const operations = [
  ...stages, 'image', 'transfer', 'inspect', 'exec', 'usage', 'update', 'record', 'stop', 'kill', 'signal', 'remove', 'discard',
] as const
export type Operation = typeof operations[number]

interface Traits {
  /** A call to the engine: it passes the gate as well. */
  readonly engineClass?: EngineClass
  /**
   * An abort really ends it. One that cannot be un-sent is left to settle instead: its caller is told at once, its place stays taken, and what
   * the engine makes of it is known in the end.
   */
  readonly canAbort: boolean
  /** Somebody waits for the end of a container: no launch call begins until this one has been answered. */
  readonly isUrgent?: boolean
  /** Passes the gate, but does not stay in it: it takes minutes. */
  readonly leavesGate?: boolean
}

export const traits: Readonly<Record<Operation, Traits>> = {
  prepare: { canAbort: false },
  fetch: { canAbort: true },
  pull: { canAbort: true },
  image: { engineClass: 'launch', canAbort: true },
  transfer: { engineClass: 'launch', canAbort: true, leavesGate: true },
  create: { engineClass: 'launch', canAbort: false },
  attach: { engineClass: 'launch', canAbort: true },
  start: { engineClass: 'launch', canAbort: false },
  isolate: { canAbort: true },
  register: { canAbort: true },
  inspect: { engineClass: 'update', canAbort: true },
  exec: { engineClass: 'update', canAbort: true, leavesGate: true },
  usage: { canAbort: true },
  update: { canAbort: true },
  record: { engineClass: 'update', canAbort: false },
  stop: { engineClass: 'destroy', canAbort: false, isUrgent: true },
  kill: { engineClass: 'destroy', canAbort: false, isUrgent: true },
  signal: { canAbort: true },
  remove: { engineClass: 'destroy', canAbort: false },
  discard: { engineClass: 'launch', canAbort: false },
}
