import { setTimeout as wait } from 'node:timers/promises'
import type { AgentProcess } from './agent-process.ts'

const watchMs = 1_000

type Points = Array<readonly [seconds: number, mb: number]>

/** The agent's memory, looked at each second. */
export class MemoryCurve {
  readonly #points: Points = []
  readonly #ending = new AbortController()
  readonly #watch: Promise<void>

  constructor (agent: AgentProcess) {
    this.#watch = this.#run(agent)
    // Of an agent that has ended nobody may ask any more.
    this.#watch.catch(() => {})
  }

  async #run (agent: AgentProcess): Promise<void> {
    const startedAtMs = performance.now()
    while (!this.#ending.signal.aborted) {
      this.#points.push([(performance.now() - startedAtMs) / 1000, await agent.rssMb()])
      await wait(watchMs, undefined, { signal: this.#ending.signal }).catch(() => {})
    }
  }

  async end (): Promise<Points> {
    this.#ending.abort()
    await this.#watch
    return this.#points
  }
}
