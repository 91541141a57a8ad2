/**
 * Does the work for all items, at most `cap` at once. The first failure, or the parent's abort, aborts the signal of all others; ends when
 * all have ended, with the first reason.
 */
export async function inParallel<T> (
  items: readonly T[], cap: number, parent: AbortSignal, work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const controller = new AbortController()
  const { signal } = controller
  const onParent = (): void => { controller.abort(parent.reason) }
  if (parent.aborted) onParent()
  else parent.addEventListener('abort', onParent, { once: true })
  const left = items.values()
  const workThrough = async (): Promise<void> => {
    for (const item of left) {
      signal.throwIfAborted()
      await work(item, signal)
    }
  }
  const lane = (): Promise<void> => workThrough().catch((error: unknown) => { controller.abort(error) })
  try {
    await Promise.all(Array.from({ length: cap }, lane))
    signal.throwIfAborted()
  } finally {
    parent.removeEventListener('abort', onParent)
  }
}
