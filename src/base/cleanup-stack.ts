/** What is to be done at the end, last first; AsyncDisposableStack is missing on Node 20. One failing does not keep the others from their turn. */
export class CleanupStack implements AsyncDisposable {
  #cleanups: Array<() => Promise<void> | void> = []

  defer (cleanup: () => Promise<void> | void): void { this.#cleanups.push(cleanup) }

  use<T extends AsyncDisposable> (resource: T): T {
    this.defer(async () => { await resource[Symbol.asyncDispose]() })
    return resource
  }

  /** Hands all of it to a new owner. */
  move (): CleanupStack {
    const owner = new CleanupStack()
    owner.#cleanups = this.#cleanups
    this.#cleanups = []
    return owner
  }

  async [Symbol.asyncDispose] (): Promise<void> {
    const failures: unknown[] = []
    for (let cleanup = this.#cleanups.pop(); cleanup !== undefined; cleanup = this.#cleanups.pop()) {
      try {
        await cleanup()
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'not everything could be cleaned up')
  }
}
