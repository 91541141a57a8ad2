import { AgentError } from '../../src/model/errors.ts'

export interface StallWatch extends Disposable {
  /** Aborts with its parent, or when it was not touched for too long. */
  readonly signal: AbortSignal
  touch (): void
}

export interface QuietWatch extends Disposable {
  /** Aborts with its parent, or when it is armed and was not touched for too long. */
  readonly signal: AbortSignal
  /** From the first call on. */
  touch (ms: number): void
}

export function startStallWatch (parent: AbortSignal, stallMs: number): StallWatch {
  const watch = startQuietWatch(parent, () => stalled(stallMs))
  watch.touch(stallMs)
  return { signal: watch.signal, touch () { watch.touch(stallMs) }, [Symbol.dispose]: watch[Symbol.dispose] }
}

export function stalled (ms: number): AgentError {
  return new AgentError('STAGE_STALLED', `no byte for ${ms / 1000} s`)
}

export function startQuietWatch (parent: AbortSignal, reason: () => AgentError): QuietWatch {
  const controller = new AbortController()
  const onParent = (): void => { controller.abort(parent.reason) }
  let timer: NodeJS.Timeout | undefined
  if (parent.aborted) onParent()
  else parent.addEventListener('abort', onParent, { once: true })
  return {
    signal: controller.signal,
    touch (ms) {
      if (timer === undefined) timer = setTimeout(() => { controller.abort(reason()) }, ms)
      else timer.refresh()
    },
    [Symbol.dispose] () {
      clearTimeout(timer)
      parent.removeEventListener('abort', onParent)
    },
  }
}
