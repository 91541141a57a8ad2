import { watch, type FSWatcher } from 'node:fs'
import { basename, dirname } from 'node:path'
import { engineRun, pidFileOf } from './engine-run.ts'

const mostRemembered = 32

/**
 * When engines began behind a socket, as long as it watches: one that has come and gone between two calls leaves no other trace. Where no file tells the pid
 * of the engine, or its folder cannot be watched, it knows of none.
 */
export class EngineRuns implements Disposable {
  readonly #socketPath: string
  readonly #watcher: FSWatcher | undefined
  #newest = ''
  #begins: readonly number[] = []

  constructor (socketPath: string) {
    this.#socketPath = socketPath
    this.#watcher = this.#watch()
    this.#look()
  }

  /** In ms of the epoch, oldest first. */
  get begins (): readonly number[] { return this.#begins }

  [Symbol.dispose] (): void { this.#watcher?.close() }

  #watch (): FSWatcher | undefined {
    const pidFile = pidFileOf(this.#socketPath)
    try {
      return watch(dirname(pidFile), { persistent: false }, (_event, name) => { if (name === basename(pidFile)) this.#look() }).on('error', () => {})
    } catch {
      return undefined
    }
  }

  #look (): void {
    const run = engineRun(this.#socketPath)
    if (run?.isSure !== true || run.id === this.#newest) return
    this.#newest = run.id
    this.#begins = [...this.#begins, run.beganAtMs].slice(-mostRemembered)
  }
}
