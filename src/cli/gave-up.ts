import { exitCodes } from './exit-codes.ts'
import type { Verdict } from './verdict.ts'

/** Ends the events before there is a task. */
export class GaveUp extends Error {
  readonly verdict: Verdict
  constructor (verdict: Verdict) {
    super(verdict.told)
    this.verdict = verdict
  }
}

export function interrupted (): GaveUp {
  return new GaveUp({ exitCode: exitCodes.interrupted.code, told: 'interrupted before the task was launched' })
}

export function notLaunched (told: string): Verdict {
  return { exitCode: exitCodes.notLaunched.code, told }
}
