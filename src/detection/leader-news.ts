import { chain, type AgentError } from '../model/errors.ts'
import type { Leader, LeaderListener } from './detector.ts'

/** What is told of the leader, once each: a leader by its node, and why there is none. */
export class LeaderNews implements Disposable {
  readonly #told: LeaderListener
  readonly #graceMs: number
  /** The node of the leader that was told last. */
  #node: string | undefined
  #grace: NodeJS.Timeout | undefined
  /** Why there is no leader, as it was told since the last one. */
  readonly #problems = new Set<string>()

  constructor (told: LeaderListener, graceMs: number) {
    this.#told = told
    this.#graceMs = graceMs
  }

  leads (node: string, read: () => Leader): void {
    this.#endGrace()
    if (node === this.#node) return
    try {
      const leader = read()
      this.#node = node
      this.#problems.clear()
      this.#told(leader)
    } catch (error) {
      this.none(error as AgentError)
    }
  }

  none (problem: AgentError): void {
    this.#endGrace()
    this.#node = undefined
    const text = chain(problem)
    if (this.#problems.has(text)) return
    this.#problems.add(text)
    this.#told(undefined, problem)
  }

  /** Who leads is not known for now: the leader stays for a while. */
  unknown (problem: AgentError): void {
    if (this.#node === undefined) this.none(problem)
    else this.#grace ??= setTimeout(() => { this.none(problem) }, this.#graceMs)
  }

  [Symbol.dispose] (): void { this.#endGrace() }

  #endGrace (): void {
    clearTimeout(this.#grace)
    this.#grace = undefined
  }
}
