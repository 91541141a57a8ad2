import { Brake } from './brake.ts'
import { timeText } from './log-entries.ts'
import type { Carrier } from './carrier.ts'

export interface Hold extends Disposable {
  /** What has this time or a later one was written since it holds. */
  readonly since: string
  passed (bytes: number): void
}

const maxWindowBytes = 2 << 20

/** A brake, there as soon as the engine answers. A container that is paused, or has ended, has none, and needs none. */
export function holdBack ({ id, streams, context, strideBytes, holdMs }: Carrier, onOverdue: () => void): Hold {
  const over = new AbortController()
  let brake: Brake | undefined
  let since = '9'      // after all times
  const onAbort = (): void => { over.abort() }
  context.signal.addEventListener('abort', onAbort, { once: true })
  streams.attach(id, over.signal).then(stream => {
    if (over.signal.aborted) {
      stream.destroy()
      return
    }
    since = timeText(Date.now())
    brake = new Brake(stream, { windowBytes: Math.min(maxWindowBytes, strideBytes), holdMs, onOverdue })
  }).catch(() => {})
  return {
    get since () { return since },
    passed (bytes) { brake?.passed(bytes) },
    [Symbol.dispose] () {
      context.signal.removeEventListener('abort', onAbort)
      over.abort()
      brake?.[Symbol.dispose]()
    },
  }
}
