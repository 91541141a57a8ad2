import { delay } from '../base/deadline.ts'
import type { Log } from '../base/log.ts'
import type { Pool } from '../pool/pool.ts'
import type { Lanes } from './lanes.ts'
import type { ContainerizerMetrics } from './metrics.ts'
import { destroyPriority } from './removal.ts'

export interface RemnantsDeps {
  readonly pool: Pool
  readonly lanes: Lanes
  readonly log: Log
  readonly metrics: ContainerizerMetrics
  readonly closing: AbortSignal
}

/** What an engine had begun goes on without it, and may bring up a process when it has been looked for already. */
const againMs = [1_000, 5_000]

/**
 * What is left of containers whose start was cut off: an engine that died in the middle of it has no container that runs, and the next one removes the
 * record alone. The runtime's process, or what the task asked for, would run for ever.
 */
export class Remnants {
  readonly #deps: RemnantsDeps
  readonly #wanted = new Set<string>()
  #pass: Promise<void> | undefined

  constructor (deps: RemnantsDeps) { this.#deps = deps }

  /** To be called when the engine has confirmed that it is gone. Back when it was looked for; it is looked for again later. Never throws. */
  async clear (engineId: string | undefined): Promise<void> {
    if (engineId === undefined) return
    await this.#look(engineId)
    void this.#lookAgain(engineId)
  }

  async #lookAgain (engineId: string): Promise<void> {
    try {
      for (const waitMs of againMs) {
        await delay(waitMs, this.#deps.closing)
        await this.#look(engineId)
      }
    } catch {
      // The agent is closing.
    }
  }

  /** One pass over all processes for as many as are wanted by then. */
  #look (engineId: string): Promise<void> {
    this.#wanted.add(engineId)
    return this.#pass ??= delay(0).then(async () => {
      const engineIds = [...this.#wanted]
      this.#wanted.clear()
      this.#pass = undefined
      await this.#end(engineIds)
    })
  }

  async #end (engineIds: readonly string[]): Promise<void> {
    const { pool, lanes, log, metrics, closing } = this.#deps
    try {
      const ticket = { stage: 'signal', priority: destroyPriority } as const
      const { killed } = await lanes.run(ticket, signal => pool.run('clear', { engineIds }, signal), closing)
      if (killed === 0) return
      metrics.engine.kernelSignals.inc({ signal: 'SIGKILL' }, killed)
      log.warn({ killed, containers: engineIds }, 'processes of a start that was cut off were ended: the engine did not know of them any more')
    } catch (error) {
      if (!closing.aborted) log.warn({ error, containers: engineIds }, 'whether processes are left of a start that was cut off could not be found out')
    }
  }
}
