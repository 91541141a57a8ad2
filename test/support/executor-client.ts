import { request, type Agent } from 'undici'
import { randomUUID } from 'node:crypto'
import type { executor, v1 } from '../../src/wire/messages.ts'
import { parseJson } from '../../src/wire/json.ts'
import { decodeRecords } from '../../src/wire/record-io.ts'
import { eventually } from './eventually.ts'
import { askEngine } from './engine-api.ts'
import { send, type Answer } from './scheduler-client.ts'

export type Environment = Readonly<Record<string, string>>

const callMs = 5_000

interface Listed { readonly Id: string }
interface Inspected { readonly Config: { readonly Env: readonly string[] } }

/** What a container of this executor finds in its environment, once it has been created. */
export async function executorEnvironment (socket: string, executorId: string): Promise<Environment> {
  const filters = encodeURIComponent(JSON.stringify({ label: [`slipway.executor=${executorId}`] }))
  return await eventually(async () => {
    const [one] = await askEngine<Listed[]>(socket, `GET /containers/json?all=1&filters=${filters}`)
    if (one === undefined) return false
    const { Config: { Env } } = await askEngine<Inspected>(socket, `GET /containers/${one.Id}/json`)
    return Object.fromEntries(Env.map(entry => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]))
  }, { reason: `a container of the executor ${executorId}` })
}

/** An executor's side of the v1 executor API, in JSON, in the process of the test. */
export class ExecutorClient {
  readonly events: executor.Event[] = []
  readonly url: string
  readonly #environment: Environment
  readonly #abort = new AbortController()
  readonly #dispatcher: Agent | undefined
  isOver = false

  constructor (environment: Environment, { dispatcher, endpoint }: { dispatcher?: Agent, endpoint?: string } = {}) {
    this.#environment = environment
    this.#dispatcher = dispatcher
    this.url = `http://${endpoint ?? environment['MESOS_AGENT_ENDPOINT'] ?? ''}/slave(1)/api/v1/executor`
  }

  static async of (socket: string, executorId: string): Promise<ExecutorClient> {
    return new ExecutorClient(await executorEnvironment(socket, executorId))
  }

  get token (): string { return this.#environment['MESOS_EXECUTOR_AUTHENTICATION_TOKEN'] ?? '' }

  #headers (): Record<string, string> {
    return { 'content-type': 'application/json', accept: 'application/json', authorization: `Bearer ${this.token}` }
  }

  body (type: executor.Call_Type, rest: object = {}): string {
    const { MESOS_FRAMEWORK_ID: frameworkId, MESOS_EXECUTOR_ID: executorId } = this.#environment
    return JSON.stringify({ type, framework_id: { value: frameworkId }, executor_id: { value: executorId }, ...rest })
  }

  /** Back when SUBSCRIBED, or SHUTDOWN, has come. */
  async subscribe (unacknowledged: object = {}): Promise<this> {
    const body = this.body('SUBSCRIBE', { subscribe: unacknowledged })
    const options = { method: 'POST' as const, headers: this.#headers(), body, signal: this.#abort.signal }
    const answer = await request(this.url, { ...options, ...(this.#dispatcher && { dispatcher: this.#dispatcher }) })
    if (answer.statusCode !== 200) throw new Error(`SUBSCRIBE got ${answer.statusCode}: ${await answer.body.text()}`)
    void this.#read(answer.body).catch(() => {}).finally(() => { this.isOver = true })
    await eventually(() => this.events.length > 0 || this.isOver, { reason: 'SUBSCRIBED' })
    return this
  }

  async #read (body: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const record of decodeRecords(body)) this.events.push(parseJson('executor.Event', JSON.parse(record.toString())))
  }

  async call (type: executor.Call_Type, rest: object = {}): Promise<Answer> {
    const [headers, body] = [this.#headers(), this.body(type, rest)]
    if (this.#dispatcher === undefined) return await send(this.url, 'POST', headers, body)
    const answer = await request(this.url, { method: 'POST', headers, body, dispatcher: this.#dispatcher, signal: AbortSignal.timeout(callMs) })
    return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() }
  }

  async update (taskId: string, state: v1.TaskState, more: object = {}): Promise<Answer> {
    return await this.call('UPDATE', { update: { status: this.status(taskId, state, more) } })
  }

  status (taskId: string, state: v1.TaskState, more: object = {}): object {
    const uuid = Buffer.from(randomUUID().replaceAll('-', ''), 'hex').toString('base64')
    return { task_id: { value: taskId }, state, source: 'SOURCE_EXECUTOR', uuid, timestamp: Date.now() / 1000, ...more }
  }

  say (text: string): Promise<Answer> {
    return this.call('MESSAGE', { message: { data: Buffer.from(text).toString('base64') } })
  }

  /** Takes the first event that fits, among those that came and those to come. */
  async next (type: executor.Event_Type): Promise<executor.Event> {
    return await eventually(() => {
      const at = this.events.findIndex(event => event.type === type)
      return at < 0 ? false : this.events.splice(at, 1)[0] ?? false
    }, { reason: `the event ${type}` })
  }

  async ended (): Promise<void> { await eventually(() => this.isOver, { reason: 'the end of the stream' }) }

  /** Goes away without a word. */
  drop (): void { this.#abort.abort() }
}
