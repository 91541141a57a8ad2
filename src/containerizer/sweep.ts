import type { Listed } from '../engine/port.ts'
import type { Remnants } from './remnants.ts'
import { removeUntilGone, type RemovalDeps } from './removal.ts'

export interface SweepDeps extends RemovalDeps { readonly remnants: Pick<Remnants, 'clear'> }

/** Removes containers that carry our label and have no owner: leftovers of an earlier run, arrivals after an abort, `Created` ones too. */
export class Sweep {
  readonly #deps: SweepDeps
  readonly #signal: AbortSignal
  readonly #underWay = new Set<string>()

  constructor (deps: SweepDeps, signal: AbortSignal) {
    this.#deps = deps
    this.#signal = signal
  }

  remove ({ id, name, state }: Listed): void {
    if (this.#underWay.has(id)) return
    this.#underWay.add(id)
    const { log, metrics, remnants } = this.#deps
    log.info({ container: name, state }, 'removing a container with our label and no owner')
    removeUntilGone(id, this.#deps, this.#signal)
      .then(async () => {
        metrics.swept.inc()
        if (state === 'created') await remnants.clear(id)         // as the engine has it: its start may have been cut off
      }, () => {})
      .finally(() => { this.#underWay.delete(id) })
  }
}
