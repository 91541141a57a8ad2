/** Runs something that may be long; Ctrl-C or being told to end aborts it, and it ends when it has cleaned up. */
export async function interruptible<T> (work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  const onSignal = (name: string): void => { controller.abort(new Error(`interrupted by ${name}`)) }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const name of signals) process.on(name, onSignal)
  try {
    return await work(controller.signal)
  } finally {
    for (const name of signals) process.off(name, onSignal)
  }
}
