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
}

/** What is known of the engine when a pipe is laid: that it is another one than before means that one was lost, and a part of the output with it. */
export function knownRun (before: KnownRun | undefined, { run, lostAtMs, lastWrite }: Signs): KnownRun {
  const { id, losses } = before ?? { id: '', losses: [] }
  const isOther = run !== undefined && id !== run.id && kindOf(id) === kindOf(run.id)
  const isSame = run?.isSure === true && id === run.id
  const hint = lostAtMs === undefined || isSame ? undefined : timeText(lostAtMs)
  // Others may have made the socket anew while its engine lived: what has come since is there.
  const lostAt = isOther ? run.isSure ? timeText(run.beganAtMs) : later(hint ?? timeText(run.beganAtMs), lastWrite) : hint
  return { id: run?.id ?? id, losses: lostAt === undefined ? losses : [...losses, lostAt] }
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
