import { once } from 'node:events'
import { request, type IncomingMessage, type ServerResponse } from 'node:http'
import { finished } from 'node:stream/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { deferred } from '../../src/base/deferred.ts'
import { startWebServer } from './web-server.ts'

export interface SlowRegistry extends AsyncDisposable {
  /** host:port, as an image's name begins. */
  readonly address: string
  /** How often a layer was asked for; the small parts of an image do not count. */
  readonly layersAsked: number
  /** How many of them have come to the point where nothing more comes. */
  readonly layersHeld: number
  /** From now on nothing is held back, nor what was. */
  release (): void
}

/** A layer goes this far, then nothing more comes, and the connection stays open. */
const stallBytes = 1_000_000
/** Between two chunks: the engine tells progress ten times a second at most, and what it has skipped when all stands still, it never tells. */
const paceMs = 50

/** Stands before a registry and holds its layers back in their middle. */
export async function startSlowRegistry (backend: string): Promise<SlowRegistry> {
  const released = deferred()
  let layersAsked = 0
  let layersHeld = 0

  async function pass (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method, url = '/', headers } = incoming
    const onward = request(`http://${backend}${url}`, { method, headers, agent: false })
    incoming.pipe(onward)
    const [answer] = await once(onward, 'response') as [IncomingMessage]
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
    const isLayer = method === 'GET' && url.includes('/blobs/') && Number(answer.headers['content-length']) > stallBytes
    if (isLayer) layersAsked++
    const readerLeft = finished(outgoing).catch(() => {})
    let sent = 0
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      outgoing.write(chunk)
      if (!isLayer) continue
      sent += chunk.length
      const isHeld = sent >= stallBytes
      if (isHeld && sent - chunk.length < stallBytes) layersHeld++
      await Promise.race([released.promise, readerLeft, ...isHeld ? [] : [wait(paceMs)]])
    }
    outgoing.end()
  }

  const server = await startWebServer((incoming, outgoing) => { pass(incoming, outgoing).catch(() => outgoing.destroy()) })
  return {
    address: server.host,
    get layersAsked () { return layersAsked },
    get layersHeld () { return layersHeld },
    release: released.resolve,
    async [Symbol.asyncDispose] () {
      released.resolve()
      await server[Symbol.asyncDispose]()
    },
  }
}
