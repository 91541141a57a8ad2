import type { EngineState } from '../model/inspected.ts'
import type { Phase } from '../store/records.ts'

/** What the engine has of a container that an earlier run of the agent wrote down. */
export type Finding = EngineState | 'missing'

/**
 * adopt: it runs and goes on under this agent; one that was being stopped goes on being stopped.
 * finish: it ran and has ended; how is told, then it is removed.
 * destroy: it will come to nothing any more; it is removed, and that is told.
 * report: there is nothing left of it; what became of it is told.
 */
export const verdicts = ['adopt', 'finish', 'destroy', 'report'] as const
export type Verdict = typeof verdicts[number]

const whileItRan = {
  missing: 'report', created: 'destroy', running: 'adopt', paused: 'adopt', restarting: 'adopt', exited: 'finish', dead: 'finish', removing: 'finish',
} as const

/** What becomes of a container, by what was written down of it and what the engine has. */
export const recoveryTable: Readonly<Record<Phase, Readonly<Record<Finding, Verdict>>>> = {
  // One that runs was begun, and only that was not written down any more. What is dead or being removed is what is left of an undo.
  launching: { ...whileItRan, dead: 'destroy', removing: 'destroy' },
  running: whileItRan,
  stopping: whileItRan,
  // How it ended is known.
  ended: {
    missing: 'report', created: 'destroy', running: 'destroy', paused: 'destroy', restarting: 'destroy', exited: 'destroy', dead: 'destroy',
    removing: 'destroy',
  },
}
