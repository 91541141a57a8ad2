import PQueue from 'p-queue'
import { AgentError } from '../../model/errors.ts'
import type { TransferOptions } from '../../model/transfer-options.ts'
import type { Pool } from '../../pool/pool.ts'
import type { Kept } from './accounts.ts'

export interface CheckOptions {
  readonly pool: Pool
  readonly dir: string
  readonly revalidate: boolean
  readonly stallMs: number
  readonly transfer?: Partial<TransferOptions>
}

type State = 'good' | 'damaged' | 'stale'

/** So many places at the workers are ours. */
export const checksAtOnce = 32
const never = new AbortController().signal

/** Whether entries are good to use. Those who want the same one at the same time share the answer. */
export class CacheChecks {
  readonly #options: CheckOptions
  readonly #underWay = new Map<string, Promise<State>>()
  readonly #queue = new PQueue({ concurrency: checksAtOnce })

  constructor (options: CheckOptions) { this.#options = options }

  check (kept: Kept, uri: string): Promise<State> {
    const { id } = kept
    const running = this.#underWay.get(id)
    if (running !== undefined) return running
    const begun = this.#queue.add(() => this.#run(kept, uri)).finally(() => { this.#underWay.delete(id) })
    begun.catch(() => {})       // those who wait know
    this.#underWay.set(id, begun)
    return begun
  }

  async #run (kept: Kept, uri: string): Promise<State> {
    const { pool, dir, revalidate, stallMs, transfer } = this.#options
    const { id, about, stamp } = kept
    const input = { dir, id, about, stamp, stallMs, ...(transfer && { transfer }), ...(revalidate && { revalidate: uri }) }
    const result = await pool.run('checkCache', input, never).catch(unreadable)
    if (result.state === 'good') kept.stamp = result.stamp
    return result.state
  }
}

/** What cannot be read is as good as damaged: it can be fetched anew. */
function unreadable (error: unknown): { state: 'damaged' } {
  if (error instanceof AgentError && ['INTERNAL', 'FETCH_FAILED'].includes(error.code)) return { state: 'damaged' }
  throw error
}
