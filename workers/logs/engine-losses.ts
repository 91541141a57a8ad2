import type { EngineRun } from '../../src/engine/engine-run.ts'
import type { KnownRun } from '../../src/model/log-record.ts'
import { timeText } from './log-entries.ts'

export interface Signs {
  /** The engine that the pipe is laid to now. */
  readonly run: EngineRun | undefined
  /** When an engine was lost, as its broken streams say. */
  readonly lostAtMs: number | undefined
  /** When the sandbox was written last. */
  readonly lastWrite: string
  /** When engines began, oldest first. */
  readonly begins?: readonly number[]
}

const nothing: KnownRun = { id: '', losses: [] }

/** What is known of the engine when a pipe is laid: that it is another one than before means that one was lost, and a part of the output with it. */
export function knownRun (before: KnownRun = nothing, signs: Signs): KnownRun {
  const { id, beganAtMs } = signs.run ?? before
  return { id, beganAtMs, losses: [...before.losses, ...lossesSince(before, signs)] }
}

function lossesSince ({ id, beganAtMs = Infinity }: KnownRun, { run, lostAtMs, lastWrite, begins = [] }: Signs): string[] {
  const hint = lostAtMs === undefined ? [] : [timeText(lostAtMs)]
  if (run === undefined) return hint
  const isOther = id !== run.id && kindOf(id) === kindOf(run.id)
  // Others may have made the socket anew while its engine lived: what has come since is there.
  if (isOther && !run.isSure) return [later(hint[0] ?? timeText(run.beganAtMs), lastWrite)]
  // One that came and went between two layings has logged something, or not.
  if (isOther) return [...begins.filter(ms => ms > beganAtMs && ms < run.beganAtMs), run.beganAtMs].map(timeText)
  return run.isSure && id === run.id ? [] : hint
}

export function isSameKnowledge (one: KnownRun | undefined, other: KnownRun): boolean {
  return one?.id === other.id && one.losses.length === other.losses.length
}

function kindOf (id: string): string {
  return id.slice(0, id.indexOf(':') + 1)
}

function later (one: string, other: string): string {
  return one > other ? one : other
}
