/** The longest wait that setTimeout knows; more overflows and fires at once. */
const maxMs = 2 ** 31 - 1

export interface LongTimer { cancel (): void }

/** A timer of any length, months too. It does not keep the process alive. */
export function startLongTimer (ms: number, onTime: () => void): LongTimer {
  let timer: NodeJS.Timeout
  const wait = (leftMs: number): void => {
    const ms = Math.min(leftMs, maxMs)
    timer = setTimeout(() => { if (leftMs > ms) wait(leftMs - ms); else onTime() }, ms)
    timer.unref()
  }
  wait(ms)
  return { cancel: () => { clearTimeout(timer) } }
}
