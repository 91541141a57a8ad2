export interface EventHub<E> {
  /** Tells all who listen now, at once; without any it costs nothing. */
  tell (event: E): void
  /** Answers how to leave again. A listener must not throw. */
  listen (listener: (event: E) => void): () => void
}

/** Events from where they happen to whoever looks on; nothing is kept. */
export function eventHub<E> (): EventHub<E> {
  const listeners = new Set<(event: E) => void>()
  return {
    tell (event) { for (const listener of listeners) listener(event) },
    listen (listener) {
      const own = (event: E): void => { listener(event) }      // the same function may listen twice
      listeners.add(own)
      return () => { listeners.delete(own) }
    },
  }
}
