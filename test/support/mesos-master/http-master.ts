import { once } from 'node:events'
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { decodeRecords, encodeRecord } from '../../../src/wire/record-io.ts'

export interface HttpMasterOptions {
  /** `principal:secret` of those who may talk to it. */
  readonly credential?: string
  /** The master that leads, where that is another one. */
  readonly leader?: HttpMaster
}

/** The scheduler API of a Mesos master, as a client sees it: what it does is done by an agent of ours, but it is another program than that. */
export class HttpMaster implements AsyncDisposable {
  readonly port: number
  /** Types of the calls that came, in order. */
  readonly calls: string[] = []
  readonly #server: Server
  readonly #agentUrl: string
  readonly #options: HttpMasterOptions

  private constructor (server: Server, agentUrl: string, options: HttpMasterOptions) {
    this.#server = server
    this.#agentUrl = agentUrl
    this.#options = options
    this.port = (server.address() as AddressInfo).port
    server.on('request', (incoming, answer) => { void this.#answer(incoming, answer).catch(() => { answer.destroy() }) })
  }

  static async start (agentUrl: string, options: HttpMasterOptions = {}): Promise<HttpMaster> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new HttpMaster(server, agentUrl, options)
  }

  get address (): string { return `127.0.0.1:${this.port}` }

  /** What it writes into its node in ZooKeeper. */
  get info (): string {
    return JSON.stringify({
      address: { hostname: 'localhost', ip: '127.0.0.1', port: this.port }, hostname: 'localhost', id: `m-${this.port}`, ip: 16777343,
      pid: `master@127.0.0.1:${this.port}`, port: this.port, version: '1.11.0',
    })
  }

  async [Symbol.asyncDispose] (): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise(resolve => { this.#server.close(resolve) })
  }

  async #answer (incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
    const { credential, leader } = this.#options
    const body = await buffer(incoming)
    if (incoming.url !== '/api/v1/scheduler' && incoming.url !== '/master/api/v1/scheduler') {
      answer.writeHead(404).end()
    } else if (leader !== undefined) {
      answer.writeHead(307, { location: `//${leader.address}/master/api/v1/scheduler` }).end()
    } else if (credential !== undefined && incoming.headers.authorization !== `Basic ${Buffer.from(credential).toString('base64')}`) {
      answer.writeHead(401, { 'www-authenticate': 'Basic realm="mesos-master-scheduler"' }).end()
    } else {
      await this.#passOn(incoming, body, answer)
    }
  }

  async #passOn ({ method, headers }: IncomingMessage, body: Buffer, answer: ServerResponse): Promise<void> {
    this.calls.push((JSON.parse(body.toString()) as { type: string }).type)
    const outgoing = request(`${this.#agentUrl}/api/v1/scheduler`, { method, headers: { ...headers, host: '', authorization: '' } })
    answer.once('close', () => { outgoing.destroy() })
    outgoing.on('error', () => { answer.destroy() }).end(body)
    const [reply] = await once(outgoing, 'response') as [IncomingMessage]
    answer.writeHead(reply.statusCode ?? 502, reply.headers)
    if (reply.statusCode !== 200) {
      reply.pipe(answer)
      return
    }
    answer.flushHeaders()
    for await (const record of decodeRecords(reply)) answer.write(encodeRecord(this.#asOurs(record.toString())))
    answer.end()
  }

  #asOurs (event: string): string {
    const told = JSON.parse(event) as { subscribed?: { master_info: unknown } }
    if (told.subscribed) told.subscribed.master_info = JSON.parse(this.info)
    return JSON.stringify(told)
  }
}
