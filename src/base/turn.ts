/** How long a piece of work may keep all else waiting, and how much of it is always done in one go. */
const turnMs = 2
const leastSteps = 3

/** A long piece of work that lets others have the event loop in between: it asks before each step. */
export class Turn {
  #steps = 0
  #startedAtMs = performance.now()

  isOver (): boolean {
    return this.#steps++ >= leastSteps && performance.now() - this.#startedAtMs > turnMs
  }

  /** Back when others have had theirs. */
  async next (): Promise<void> {
    await new Promise<void>(resolve => { setImmediate(resolve) })
    this.#steps = 1
    this.#startedAtMs = performance.now()
  }
}
