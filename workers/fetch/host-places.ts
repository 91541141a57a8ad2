interface Host { taken: number, readonly waiting: Array<() => void> }

const hosts = new Map<string, Host>()

/**
 * Takes a place at a host for as long as the result lives: a server is not to be flooded by all tasks of this thread at once. First come,
 * first served; rejects with the signal's reason.
 */
export async function takeHostPlace (name: string, cap: number, signal: AbortSignal): Promise<Disposable> {
  signal.throwIfAborted()
  if (cap === 0) return { [Symbol.dispose] () {} }
  const host = hosts.get(name) ?? { taken: 0, waiting: [] }
  hosts.set(name, host)
  if (host.taken < cap) host.taken++
  else await turn(host, signal)
  let isTaken = true
  return {
    [Symbol.dispose] () {
      if (isTaken) release(name, host)
      isTaken = false
    },
  }
}

/** The place goes from hand to hand: nobody who comes later can take it. */
function release (name: string, host: Host): void {
  const next = host.waiting.shift()
  if (next !== undefined) {
    next()
    return
  }
  host.taken--
  if (host.taken === 0) hosts.delete(name)
}

function turn (host: Host, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onTurn = (): void => {
      signal.removeEventListener('abort', onAbort)
      resolve()
    }
    const onAbort = (): void => {
      host.waiting.splice(host.waiting.indexOf(onTurn), 1)
      reject(signal.reason)
    }
    host.waiting.push(onTurn)
    signal.addEventListener('abort', onAbort, { once: true })
  })
}
