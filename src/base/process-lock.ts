import { once } from 'node:events'
import { createConnection, createServer } from 'node:net'

/**
 * Takes a name that one process of this network namespace can have: an abstract socket, which the kernel frees however the process ends.
 * undefined: it is taken.
 */
export async function takeProcessLock (name: string): Promise<AsyncDisposable | undefined> {
  const server = createServer(socket => { socket.destroy() })
  server.listen({ path: `\0${name}` })
  try {
    await once(server, 'listening')
  } catch (error) {
    if (codeOf(error) === 'EADDRINUSE') return undefined
    throw error
  }
  server.unref()
  return {
    async [Symbol.asyncDispose] () {
      server.close()
      await once(server, 'close')
    },
  }
}

/** Whether somebody has the name; it is not taken to find out. */
export async function isProcessLockTaken (name: string): Promise<boolean> {
  const socket = createConnection({ path: `\0${name}` })
  try {
    await once(socket, 'connect')
    return true
  } catch (error) {
    // Any other refusal comes from somebody who is there and busy.
    return codeOf(error) !== 'ECONNREFUSED'
  } finally {
    socket.destroy()
  }
}

function codeOf (error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code
}
