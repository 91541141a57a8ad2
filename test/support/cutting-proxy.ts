import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'

export interface CuttingProxy extends AsyncDisposable {
  readonly socket: string
  /** Breaks the connections that carry such a call now; how many there were. */
  cut (call: 'attach' | 'logs'): number
}

/** Stands before an engine and passes everything on, until a connection is cut. */
export async function startCuttingProxy (engineSocket: string, socket: string): Promise<CuttingProxy> {
  const open = new Set<{ client: Socket, engine: Socket, asked: string }>()
  const server = createServer(client => {
    const connection = { client, engine: connect(engineSocket), asked: '' }
    const { engine } = connection
    open.add(connection)
    client.on('data', (bytes: Buffer) => { connection.asked = /^\w+ \S*\/(\w+)\?/.exec(bytes.toString('latin1'))?.[1] ?? connection.asked })
    client.pipe(engine).pipe(client)
    for (const one of [client, engine]) {
      one.on('error', () => {}).once('close', () => {
        client.destroy()
        engine.destroy()
        open.delete(connection)
      })
    }
  })
  server.listen(socket)
  await once(server, 'listening')
  return {
    socket,
    cut (call) {
      const struck = [...open].filter(({ asked }) => asked === call)
      for (const { client } of struck) client.destroy()
      return struck.length
    },
    async [Symbol.asyncDispose] () {
      server.close()
      for (const { client } of open) client.destroy()
      await rm(socket, { force: true })
    },
  }
}
