import { AgentError } from '../../src/model/errors.ts'

export interface StallWatch extends Disposable {
  /** Aborts with its parent, or when it was not touched for too long. */
  readonly signal: AbortSignal
  touch (): void
}

export function startStallWatch (parent: AbortSignal, stallMs: number): StallWatch {
  const controller = new AbortController()
  const onParent = (): void => { controller.abort(parent.reason) }
  const timer = setTimeout(() => { controller.abort(new AgentError('STAGE_STALLED', `no byte for ${stallMs / 1000} s`)) }, stallMs)
  if (parent.aborted) onParent()
  else parent.addEventListener('abort', onParent, { once: true })
  return {
    signal: controller.signal,
    touch () { timer.refresh() },
    [Symbol.dispose] () {
      clearTimeout(timer)
      parent.removeEventListener('abort', onParent)
    },
  }
}
