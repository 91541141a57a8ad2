import { setMaxListeners } from 'node:events'
import { deferred } from './deferred.ts'

export interface Deadline extends Disposable {
  readonly signal: AbortSignal
  /** Ends it before its time. */
  abort (reason: Error): void
}

/**
 * A signal that aborts when its parent does or `ms` have passed (monotonic clock), whichever is first; the first reason stays.
 * Dispose it: the parent keeps a listener until then. `AbortSignal.any` would keep every child of a long-lived parent.
 */
export function startDeadline (parent: AbortSignal | undefined, ms: number, reason: () => Error): Deadline {
  const controller = new AbortController()
  const onParent = (): void => { controller.abort(parent?.reason) }
  const timer = Number.isFinite(ms) ? setTimeout(() => { controller.abort(reason()) }, ms) : undefined
  if (parent?.aborted) onParent()
  else if (parent) listen(parent, onParent)
  return {
    signal: controller.signal,
    abort: reason => { controller.abort(reason) },
    [Symbol.dispose] () {
      clearTimeout(timer)
      parent?.removeEventListener('abort', onParent)
    },
  }
}

/** Ends with the work or with the signal's reason, whichever is first. Late work goes on; its late failure is nobody's. */
export async function race<T> (work: Promise<T>, signal: AbortSignal): Promise<T> {
  return await new Promise<T>((resolve, reject) => {
    const onAbort = (): void => { reject(signal.reason as Error) }
    const leave = (): void => { signal.removeEventListener('abort', onAbort) }
    if (signal.aborted) onAbort()
    else listen(signal, onAbort)
    work.then(value => { leave(); resolve(value) }, (error: unknown) => { leave(); reject(error) })
  })
}

/** Waits `ms`, or until the signal aborts: then it throws the signal's reason. */
export async function delay (ms: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted()
  const over = deferred()
  const timer = setTimeout(() => { over.resolve() }, ms)
  const onAbort = (): void => { over.reject(signal?.reason) }
  if (signal) listen(signal, onAbort)
  try {
    await over.promise
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', onAbort)
  }
}

/** Whether the work settles, well or badly, within `ms`. */
export async function settlesWithin (work: Promise<unknown>, ms: number): Promise<boolean> {
  return await new Promise<boolean>(resolve => {
    const timer = Number.isFinite(ms) ? setTimeout(() => { resolve(false) }, ms) : undefined
    const settled = (): void => { clearTimeout(timer); resolve(true) }
    work.then(settled, settled)
  })
}

/** Calls back when the signal aborts, until it is left; it must not have aborted yet. */
export function onAbort (signal: AbortSignal, listener: () => void): () => void {
  listen(signal, listener)
  return () => { signal.removeEventListener('abort', listener) }
}

const unlimited = new WeakSet<AbortSignal>()

/** Whoever listens here takes the listener away again: however many there are at a time, they are no leak to warn of. */
function listen (signal: AbortSignal, listener: () => void): void {
  if (!unlimited.has(signal)) {
    unlimited.add(signal)
    setMaxListeners(0, signal)
  }
  signal.addEventListener('abort', listener, { once: true })
}
