/**
 * Ctrl-C, politely: the first signal asks to end, a second one demands it. npm passes a terminal's Ctrl-C on to processes that got it
 * from the terminal already, so what comes within half a second of the first counts as the same.
 */
export interface Interrupts extends Disposable {
  /** SIGUSR1: what was asked to end is to end its tasks as well. */
  readonly isDrain: boolean
  readonly stop: AbortSignal
  readonly leave: AbortSignal
}

const sameKeystrokeMs = 500

export function listenForInterrupts (
  source: NodeJS.EventEmitter = process, now: () => number = () => performance.now(), more: readonly 'SIGUSR1'[] = [],
): Interrupts {
  const stop = new AbortController()
  const leave = new AbortController()
  let firstAt = 0
  let isDrain = false
  const onSignal = (name: NodeJS.Signals): void => {
    const reason = new Error(`received ${name}`)
    if (!stop.signal.aborted) {
      firstAt = now()
      isDrain = name === 'SIGUSR1'
      stop.abort(reason)
    } else if (now() - firstAt >= sameKeystrokeMs) {
      leave.abort(reason)
    }
  }
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP', ...more] as const
  for (const name of names) source.on(name, onSignal)
  return {
    get isDrain () { return isDrain },
    stop: stop.signal,
    leave: leave.signal,
    [Symbol.dispose] () { for (const name of names) source.removeListener(name, onSignal) },
  }
}
