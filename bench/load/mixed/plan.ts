import { rollDice, type Dice } from '../../../test/support/chaos/dice.ts'

/** What becomes of a task, and how it ends. */
export const fates = {
  finishes: { share: 0.5, state: 'TASK_FINISHED', runs: true },
  fails: { share: 0.15, state: 'TASK_FAILED', runs: true },
  'is killed': { share: 0.2, state: 'TASK_KILLED', runs: true },
  // Wherever in its launch that finds it.
  'is killed at once': { share: 0.1, state: 'TASK_KILLED', runs: false },
  'has no image': { share: 0.05, state: 'TASK_FAILED', runs: false },
} as const
export type Fate = keyof typeof fates

export interface Planned {
  readonly id: string
  readonly fate: Fate
  /** Since the beginning. */
  readonly dueMs: number
  /** Until it ends by itself, or is killed. */
  readonly lifeMs: number
  readonly lines: number
}

export interface Profile { readonly forMs: number, readonly perSecond: number, readonly lifeSeconds: number, readonly seed: number }

const mostLines = 50
/** By the average life. */
const longest = 4

/** Tasks that come and go at random, as many a second and as long-lived as is asked for on the average; a seed repeats them. At least one. */
export function planTasks ({ forMs, perSecond, lifeSeconds, seed }: Profile): Planned[] {
  const dice = rollDice(seed)
  const tasks: Planned[] = []
  for (let dueMs = 0; dueMs < forMs; dueMs += exponential(dice, 1000 / perSecond)) {
    const id = `mixed-${tasks.length}`
    tasks.push({ id, fate: fateOf(dice.between(0, 1)), dueMs, lifeMs: lifeOf(dice, lifeSeconds), lines: dice.whole(0, mostLines) })
  }
  return tasks
}

/** No longer than the framework waits for an end. */
function lifeOf (dice: Dice, meanSeconds: number): number {
  return Math.min(exponential(dice, meanSeconds * 1000), meanSeconds * longest * 1000)
}

function exponential (dice: Dice, mean: number): number {
  return -Math.log(1 - dice.between(0, 1)) * mean
}

function fateOf (throwOf: number): Fate {
  let sum = 0
  for (const [fate, { share }] of Object.entries(fates)) if (throwOf < (sum += share)) return fate as Fate
  return 'finishes'
}
