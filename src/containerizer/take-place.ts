import type PQueue from 'p-queue'
import { deferred } from '../base/deferred.ts'

/** Gives a place back. Again is harmless. */
export type Release = () => void

/** Resolves when the queue has a place for us, with what gives it back. Throws the signal's reason if it aborts first: then none is taken. */
export async function takePlace (queue: PQueue, priority: number, signal: AbortSignal): Promise<Release> {
  signal.throwIfAborted()
  const taken = deferred<Release>()
  const hold = (): Promise<void> => new Promise(resolve => { taken.resolve(resolve) })
  const isFree = !queue.isPaused && queue.size === 0 && queue.pending < queue.concurrency
  // p-queue's own signal would free the place of a running operation as well, so it hears ours only while it waits.
  const waiting = isFree ? undefined : new AbortController()
  const onAbort = (): void => { waiting?.abort(signal.reason) }
  if (waiting) signal.addEventListener('abort', onAbort, { once: true })
  queue.add(hold, { priority, ...(waiting && { signal: waiting.signal }) }).catch(taken.reject)
  try {
    const release = await taken.promise
    if (!signal.aborted) return release
    release()
    throw signal.reason
  } finally {
    if (waiting) signal.removeEventListener('abort', onAbort)
  }
}
