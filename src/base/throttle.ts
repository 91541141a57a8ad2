export interface Throttle<T> extends Disposable {
  add (value: T): void
  /** Tells what is still untold, and is over. */
  [Symbol.dispose] (): void
}

/** Tells the first value at once and then one every `ms` at most: always the newest, and the last one in any case. */
export function startThrottle<T> (tell: (value: T) => void, ms: number): Throttle<T> {
  let timer: NodeJS.Timeout | undefined
  let untold: { readonly value: T } | undefined

  function tellNewest (): void {
    timer = undefined
    if (untold === undefined) return
    const { value } = untold
    untold = undefined
    timer = setTimeout(tellNewest, ms)
    tell(value)
  }

  return {
    add (value) {
      untold = { value }
      if (timer === undefined) tellNewest()
    },
    [Symbol.dispose] () {
      clearTimeout(timer)
      if (untold !== undefined) tell(untold.value)
      untold = undefined
    },
  }
}
