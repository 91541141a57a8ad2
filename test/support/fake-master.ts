import { once } from 'node:events'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { parseJson, printJson } from '../../src/wire/json.ts'
import type { scheduler, v1 } from '../../src/wire/messages.ts'
import { encodeRecord } from '../../src/wire/record-io.ts'

export interface FakeMasterOptions {
  token?: string
  /** What is offered: at the subscription, after each refusal, at a revival. */
  offers?: v1.Offer[]
  /** Whether the framework is let in; if not, the stream is open and the test says why. */
  onSubscribe? (call: scheduler.Call, master: FakeMaster): boolean
  onCall? (call: scheduler.Call, master: FakeMaster): void
  onLogs? (request: IncomingMessage, response: ServerResponse): void
  onKill? (response: ServerResponse): void
  /** Every other GET; otherwise it is 404. */
  onGet? (request: IncomingMessage, response: ServerResponse): void
}

export const containerId = { value: 'c0ffee00-0000-4000-8000-000000000000' }

export function offer (cpus: number, mem: number): v1.Offer {
  const amount = (name: string, value: number): v1.Resource => ({ name, type: 'SCALAR', scalar: { value }, allocation_info: { role: '*' } })
  return {
    id: { value: 'M-O0' }, framework_id: { value: 'M-0000' }, agent_id: { value: 'M-S0' }, hostname: 'here',
    resources: [amount('cpus', cpus), amount('mem', mem)],
  }
}

/** The doors of a master that does what the test says, on loopback. */
export async function startFakeMaster (options: FakeMasterOptions = {}): Promise<FakeMaster> {
  const master = new FakeMaster(options)
  await master.listen()
  return master
}

export class FakeMaster implements AsyncDisposable {
  url = ''
  /** Every scheduler call after the subscription, in order. */
  readonly calls: scheduler.Call[] = []
  /** The subscriptions, one for each time that somebody came. */
  readonly subscriptions: scheduler.Call[] = []
  /** Bodies of POST /slipway/v1/kill. */
  readonly kills: unknown[] = []
  /** Requests for logs: path with query. */
  readonly logRequests: string[] = []
  readonly #options: FakeMasterOptions
  readonly #server = http.createServer((request, response) => { void this.#answer(request, response) })
  #stream: ServerResponse | undefined
  #task: v1.TaskInfo | undefined

  constructor (options: FakeMasterOptions) { this.#options = options }

  async listen (): Promise<void> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  send (event: scheduler.Event): void {
    this.#stream?.write(encodeRecord(printJson('scheduler.Event', event)))
  }

  /** An update of the task that was launched; its uuid is the name of the state. */
  update (state: v1.TaskState, more?: Partial<v1.TaskStatus>): void {
    const task_id = this.#task?.task_id ?? { value: '?' }
    const known = { task_id, agent_id: { value: 'M-S0' }, uuid: Buffer.from(state), container_status: { container_id: containerId } }
    this.send({ type: 'UPDATE', update: { status: { ...known, state, ...more } } })
  }

  /** Breaks all connections, as an agent that is restarted in no time. */
  hangUp (): void { this.#server.closeAllConnections() }

  /** Ends the events in order, as an agent that is told to end. */
  endEvents (): void { this.#stream?.end() }

  /** Breaks all connections and listens no more, as an agent that was killed. */
  async die (): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise(resolve => { this.#server.close(resolve) })
  }

  async [Symbol.asyncDispose] (): Promise<void> { await this.die() }

  async #answer (request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { token, onLogs, onKill, onGet } = this.#options
    const body = await text(request)
    if (token !== undefined && request.headers.authorization !== `Bearer ${token}`) {
      response.writeHead(401).end('no')
    } else if (request.url === '/api/v1/scheduler') {
      this.#schedule(parseJson('scheduler.Call', JSON.parse(body)), response)
    } else if (request.url?.startsWith('/slipway/v1/logs/')) {
      this.logRequests.push(request.url)
      if (onLogs) onLogs(request, response)
      else response.end()
    } else if (request.method === 'GET') {
      if (onGet) onGet(request, response)
      else response.writeHead(404).end()
    } else {
      this.kills.push(JSON.parse(body))
      if (onKill) onKill(response)
      else response.writeHead(202).end('{}')
    }
  }

  #schedule (call: scheduler.Call, response: ServerResponse): void {
    const { offers, onCall } = this.#options
    if (call.type === 'SUBSCRIBE') {
      this.#stream = response.writeHead(200, { 'mesos-stream-id': 'S', 'content-type': 'application/json' })
      if (!this.#letIn(call)) return
    } else {
      this.calls.push(call)
      response.writeHead(202).end()
    }
    this.#task = call.accept?.operations?.[0]?.launch?.task_infos?.[0] ?? this.#task
    if (call.type === 'TEARDOWN') this.#stream?.end()
    if (offers && ['SUBSCRIBE', 'DECLINE', 'REVIVE'].includes(call.type ?? '')) this.send({ type: 'OFFERS', offers: { offers } })
    onCall?.(call, this)
  }

  #letIn (call: scheduler.Call): boolean {
    this.subscriptions.push(call)
    if (this.#options.onSubscribe?.(call, this) === false) return false
    this.send({ type: 'SUBSCRIBED', subscribed: { framework_id: { value: 'M-0000' }, heartbeat_interval_seconds: 15 } })
    return true
  }
}
