import { connect } from 'node:net'
import type { Finding } from './check.ts'

/** Connects, and hangs up at once. Throws when it cannot, or the signal's reason. */
export async function probeTcp (host: string, port: number, signal: AbortSignal): Promise<Finding> {
  signal.throwIfAborted()
  return await new Promise((resolve, reject) => {
    const socket = connect({ host, port })
    const onAbort = (): void => { socket.destroy(signal.reason as Error) }
    signal.addEventListener('abort', onAbort, { once: true })
    socket.once('close', () => { signal.removeEventListener('abort', onAbort) })
    socket.once('error', reject)
    socket.once('connect', () => {
      resolve({ isGood: true, says: 'it accepts connections' })
      // A reset, not a farewell: thousands of checks must not leave thousands of sockets in TIME_WAIT.
      socket.resetAndDestroy()
    })
  })
}
