import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parseJson, printJson } from '../../src/wire/json.ts'
import type { scheduler, v1 } from '../../src/wire/messages.ts'
import { encodeRecord } from '../../src/wire/record-io.ts'

export interface FakeMaster extends AsyncDisposable {
  readonly url: string
  /** Every scheduler call after the subscription, in order. */
  readonly calls: scheduler.Call[]
  /** Bodies of POST /slipway/v1/kill. */
  readonly kills: unknown[]
  /** Requests for logs, as they came: path with query. */
  readonly logRequests: string[]
  send (event: scheduler.Event): void
  update (state: v1.TaskState, more?: Partial<v1.TaskStatus>): void
  /** Breaks all connections and listens no more, as an agent that was killed. */
  die (): Promise<void>
}

export interface FakeMasterOptions {
  token?: string
  /** What is offered, at the subscription and after each refusal. */
  offers?: v1.Offer[]
  onCall? (call: scheduler.Call, master: FakeMaster): void
  onLogs? (request: IncomingMessage, response: ServerResponse): void
  onKill? (response: ServerResponse): void
}

export const containerId = { value: 'c0ffee00-0000-4000-8000-000000000000' }

export function offer (cpus: number, mem: number): v1.Offer {
  const amount = (name: string, value: number): v1.Resource => ({ name, type: 'SCALAR', scalar: { value }, allocation_info: { role: '*' } })
  return {
    id: { value: 'M-O0' }, framework_id: { value: 'M-0000' }, agent_id: { value: 'M-S0' }, hostname: 'here',
    resources: [amount('cpus', cpus), amount('mem', mem)],
  }
}

/** The scheduler door of a master that does what the test says, on loopback. */
export async function startFakeMaster (options: FakeMasterOptions = {}): Promise<FakeMaster> {
  let stream: ServerResponse | undefined
  let task: v1.TaskInfo | undefined
  const server = http.createServer((request, response) => { void answer(request, response) })
  await new Promise<void>(resolve => { server.listen(0, '127.0.0.1', resolve) })
  const master: FakeMaster = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls: [], kills: [], logRequests: [],
    send (event) { stream?.write(encodeRecord(printJson('scheduler.Event', event))) },
    update (state, more) {
      const status = { task_id: task?.task_id ?? { value: '?' }, agent_id: { value: 'M-S0' }, uuid: Buffer.from(state), container_status: { container_id: containerId }, state, ...more }
      master.send({ type: 'UPDATE', update: { status } })
    },
    async die () {
      server.closeAllConnections()
      await new Promise(resolve => { server.close(resolve) })
    },
    [Symbol.asyncDispose]: async () => { await master.die().catch(() => {}) },
  }

  async function answer (request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request)
    if (options.token !== undefined && request.headers.authorization !== `Bearer ${options.token}`) response.writeHead(401).end('no')
    else if (request.url === '/api/v1/scheduler') schedule(parseJson('scheduler.Call', JSON.parse(body)), response)
    else if (request.url?.startsWith('/slipway/v1/logs/')) logs(request, response)
    else if (request.url === '/slipway/v1/kill') kill(body, response)
    else response.writeHead(404).end()
  }

  function schedule (call: scheduler.Call, response: ServerResponse): void {
    if (call.type === 'SUBSCRIBE') {
      stream = response
      response.writeHead(200, { 'mesos-stream-id': 'S', 'content-type': 'application/json' })
      master.send({ type: 'SUBSCRIBED', subscribed: { framework_id: { value: 'M-0000' }, heartbeat_interval_seconds: 15 } })
    } else {
      master.calls.push(call)
      response.writeHead(202).end()
    }
    task = call.accept?.operations?.[0]?.launch?.task_infos?.[0] ?? task
    if (call.type === 'TEARDOWN') stream?.end()
    if (options.offers && ['SUBSCRIBE', 'DECLINE', 'REVIVE'].includes(String(call.type))) master.send({ type: 'OFFERS', offers: { offers: options.offers } })
    options.onCall?.(call, master)
  }

  function logs (request: IncomingMessage, response: ServerResponse): void {
    master.logRequests.push(String(request.url))
    if (options.onLogs) options.onLogs(request, response)
    else response.end()
  }

  function kill (body: string, response: ServerResponse): void {
    master.kills.push(JSON.parse(body))
    if (options.onKill) options.onKill(response)
    else response.writeHead(202).end('{}')
  }

  return master
}

async function text (request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}
