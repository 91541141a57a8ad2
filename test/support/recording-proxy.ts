import { once } from 'node:events'
import { createServer, request, type IncomingMessage } from 'node:http'

export interface RecordingProxy extends AsyncDisposable {
  /** As DOCKER_HOST wants it. */
  readonly host: string
  /** Bodies of the create calls so far. */
  readonly creates: ReadonlyArray<Record<string, unknown>>
}

/** Stands before an engine and passes everything on, but keeps the bodies of create calls and answers those itself. */
export async function startRecordingProxy (socketPath: string): Promise<RecordingProxy> {
  const creates: Array<Record<string, unknown>> = []
  const server = createServer((incoming, answer) => {
    void (async () => {
      const body = await bodyOf(incoming)
      if (incoming.method === 'POST' && /\/containers\/create\b/.test(incoming.url ?? '')) {
        creates.push(JSON.parse(body.toString()) as Record<string, unknown>)
        answer.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify({ Id: 'f'.repeat(64), Warnings: [] }))
        return
      }
      const outgoing = request({ socketPath, path: incoming.url, method: incoming.method, headers: incoming.headers })
      outgoing.on('error', () => { answer.destroy() }).end(body)
      const [reply] = await once(outgoing, 'response') as [IncomingMessage]
      answer.writeHead(reply.statusCode ?? 502, reply.headers)
      reply.pipe(answer)
    })().catch(() => { answer.destroy() })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    host: `tcp://127.0.0.1:${address.port}`,
    creates,
    async [Symbol.asyncDispose] () {
      server.closeAllConnections()
      await new Promise(resolve => { server.close(resolve) })
    },
  }
}

async function bodyOf (incoming: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk)
  return Buffer.concat(chunks)
}
