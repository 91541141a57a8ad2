export interface SilenceWatch {
  heard (): void
  limit (ms: number): void
  end (): void
}

/** After a stop (Ctrl-Z, a blocked terminal) the timer comes before what waits in the socket; a second look, a second later, hears that. */
export function startSilenceWatch (firstMs: number, onSilence: (ms: number) => void): SilenceWatch {
  const secondLookMs = 1000
  let limitMs = firstMs
  let timer: NodeJS.Timeout | undefined
  const watch = {
    heard () {
      clearTimeout(timer)
      timer = setTimeout(() => { timer = setTimeout(onSilence, secondLookMs, limitMs) }, limitMs)
    },
    limit (ms: number) {
      limitMs = ms
      watch.heard()
    },
    end () { clearTimeout(timer) },
  }
  watch.heard()
  return watch
}
