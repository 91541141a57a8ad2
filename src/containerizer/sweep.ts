import type { Listed } from '../engine/port.ts'
import { removeUntilGone, type RemovalDeps } from './removal.ts'

/** Removes containers that carry our label and have no owner: leftovers of an earlier run, arrivals after an abort, `Created` ones too. */
export class Sweep {
  readonly #deps: RemovalDeps
  readonly #signal: AbortSignal
  readonly #underWay = new Set<string>()

  constructor (deps: RemovalDeps, signal: AbortSignal) {
    this.#deps = deps
    this.#signal = signal
  }

  remove ({ id, name, state }: Listed): void {
    if (this.#underWay.has(id)) return
    this.#underWay.add(id)
    const { log, metrics } = this.#deps
    log.info({ container: name, state }, 'removing a container with our label and no owner')
    removeUntilGone(id, this.#deps, this.#signal)
      .then(() => { metrics.swept.inc() }, () => {})
      .finally(() => { this.#underWay.delete(id) })
  }
}
