import type { AgentError } from '../model/errors.ts'
import type { Operation } from './operations.ts'

export const outcomes = ['ok', 'failed', 'timeout', 'cancelled'] as const
export type Outcome = typeof outcomes[number]

/** One stage of one container, as it went. Milliseconds; `startedAtMs` is wall-clock time. */
export interface StageRecord {
  readonly stage: Operation
  readonly startedAtMs: number
  readonly queueMs: number
  readonly durationMs: number
  readonly outcome: Outcome | 'queued' | 'running'
}

export function outcomeOf (error: AgentError): Outcome {
  if (error.code === 'STAGE_TIMEOUT' || error.code === 'STAGE_STALLED' || error.code === 'LAUNCH_TIMEOUT') return 'timeout'
  return error.code === 'CANCELLED' ? 'cancelled' : 'failed'
}

/** The stages of one container in the order they began; an entry changes until its stage has ended. */
export class Timeline {
  readonly #records = new Map<Operation, StageRecord>()
  readonly #onChange: (record: StageRecord) => void

  constructor (onChange: (record: StageRecord) => void = () => {}, past: readonly StageRecord[] = []) {
    this.#onChange = onChange
    for (const record of past) this.#records.set(record.stage, record)
  }

  begin (stage: Operation): void {
    this.#keep({ stage, startedAtMs: Date.now(), queueMs: 0, durationMs: 0, outcome: 'queued' })
  }

  begun (stage: Operation, queueMs: number): void {
    this.#set(stage, { queueMs, startedAtMs: Date.now(), outcome: 'running' })
  }

  end (stage: Operation, outcome: Outcome, durationMs: number): void {
    this.#set(stage, { durationMs, outcome })
  }

  /** It left its queue: from here on it may have had an effect. */
  hasBegun (stage: Operation): boolean { return (this.#records.get(stage)?.outcome ?? 'queued') !== 'queued' }

  hasSucceeded (stage: Operation): boolean { return this.#records.get(stage)?.outcome === 'ok' }

  get records (): readonly StageRecord[] { return [...this.#records.values()] }

  #set (stage: Operation, change: Partial<StageRecord>): void {
    const record = this.#records.get(stage)
    if (record !== undefined) this.#keep({ ...record, ...change })
  }

  #keep (record: StageRecord): void {
    this.#records.set(record.stage, record)
    this.#onChange(record)
  }
}
