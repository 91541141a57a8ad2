import { Pool } from 'undici'
import { deferred, type Deferred } from '../../../src/base/deferred.ts'
import { RecordDecoder } from '../../../src/wire/record-io.ts'
import type { scheduler, v1 } from '../../../src/wire/messages.ts'

const over = new Set(['TASK_FINISHED', 'TASK_FAILED', 'TASK_KILLED', 'TASK_ERROR', 'TASK_LOST', 'TASK_DROPPED', 'TASK_GONE'])
const connections = 8
/** The longest that a run waits for one of its tasks. */
const patienceMs = 300_000

/** A word of the agent on a task, and when it came (performance.now()). */
export interface Told { readonly taskId: string, readonly state: string, readonly message: string, readonly atMs: number }

/** A scheduler that costs little, as it shares the machine with what is measured: it waits for nothing that it is not told, and acknowledges everything. */
export class LoadFramework implements AsyncDisposable {
  readonly #pool: Pool
  /** For a call that is timed: it does not queue behind our own acknowledgements. */
  readonly #alone: Pool
  readonly #headers: Record<string, string>
  readonly #offers: v1.Offer[] = []
  readonly #waiting = new Map<string, Deferred<Told>>()
  #streamId = ''
  #frameworkId = ''
  #unanswered = 0
  /** What a caller does when an offer has come. */
  onOffer: () => void = () => {}

  private constructor (url: string, token: string) {
    this.#pool = new Pool(url, { connections, bodyTimeout: 0 })
    this.#alone = new Pool(url, { connections: 1 })
    this.#headers = { 'content-type': 'application/json', accept: 'application/json', authorization: `Bearer ${token}` }
  }

  static async subscribe (url: string, token: string): Promise<LoadFramework> {
    const framework = new LoadFramework(url, token)
    await framework.#subscribe()
    return framework
  }

  /** Calls that were made and not answered yet: acknowledgements, above all. */
  get unanswered (): number { return this.#unanswered }

  /** Whether it has something to launch on. */
  get hasOffer (): boolean { return this.#offers.length > 0 }

  async #subscribe (): Promise<void> {
    const subscribe = { framework_info: { user: 'root', name: 'bench', roles: ['*'], capabilities: [{ type: 'MULTI_ROLE' }] } }
    const body = JSON.stringify({ type: 'SUBSCRIBE', subscribe })
    const answer = await this.#pool.request({ path: '/api/v1/scheduler', method: 'POST', headers: this.#headers, body })
    if (answer.statusCode !== 200) throw new Error(`SUBSCRIBE was answered with ${answer.statusCode}: ${await answer.body.text()}`)
    this.#streamId = String(answer.headers['mesos-stream-id'])
    const decoder = new RecordDecoder()
    const isSubscribed = deferred()
    answer.body.on('error', () => {}).on('data', (chunk: Buffer) => {
      for (const record of decoder.push(chunk)) this.#hear(JSON.parse(record.toString()) as scheduler.Event)
      if (this.#frameworkId !== '') isSubscribed.resolve()
    })
    await isSubscribed.promise
  }

  #hear ({ type, subscribed, offers, rescind, update, error }: scheduler.Event): void {
    if (type === 'SUBSCRIBED') this.#frameworkId = subscribed!.framework_id.value
    else if (type === 'UPDATE') this.#hearStatus(update!.status)
    else if (type === 'RESCIND') this.#offers.splice(0, Infinity, ...this.#offers.filter(({ id }) => id.value !== rescind!.offer_id.value))
    else if (type === 'ERROR') this.#fail(new Error(error!.message))
    else if (type === 'OFFERS') {
      this.#offers.push(...offers!.offers ?? [])
      this.onOffer()
    }
  }

  #hearStatus ({ task_id: taskId, agent_id: agentId, uuid, state, message = '' }: v1.TaskStatus): void {
    const told = { taskId: taskId.value, state, message, atMs: performance.now() }
    this.#waiting.get(keyOf(taskId.value, state))?.resolve(told)
    if (over.has(state)) this.#end(told)
    // As it stands in JSON: base64, to be given back as it came.
    if (uuid !== undefined) this.call('ACKNOWLEDGE', { acknowledge: { agent_id: agentId, task_id: taskId, uuid } })
  }

  /** Nothing that is waited for will come. */
  #fail (error: unknown): void {
    for (const waiting of this.#waiting.values()) waiting.reject(error)
  }

  /** No other state will come any more. */
  #end (told: Told): void {
    this.#waiting.get(keyOf(told.taskId, 'over'))?.resolve(told)
    this.#waiting.get(keyOf(told.taskId, 'TASK_RUNNING'))?.reject(new Error(`${told.taskId} is ${told.state}: ${told.message}`))
  }

  /** The agent's word that a task runs; to be asked for before it is launched. */
  running (taskId: string): Promise<Told> { return this.#wait(taskId, 'TASK_RUNNING') }

  /** The agent's last word on a task; to be asked for before it can be over. */
  end (taskId: string): Promise<Told> { return this.#wait(taskId, 'over') }

  async #wait (taskId: string, state: string): Promise<Told> {
    const key = keyOf(taskId, state)
    const waiting = deferred<Told>()
    const timer = setTimeout(() => { waiting.reject(new Error(`${state} of ${taskId} did not come within ${patienceMs} ms`)) }, patienceMs)
    this.#waiting.set(key, waiting)
    return await waiting.promise.finally(() => {
      clearTimeout(timer)
      this.#waiting.delete(key)
    })
  }

  /** Launches them on all that is on offer; the rest comes back as the next offer. */
  launch (infosFor: (agentId: string) => v1.TaskInfo[]): void {
    const offers = this.#offers.splice(0)
    const operations = [{ type: 'LAUNCH', launch: { task_infos: infosFor(offers[0]?.agent_id.value ?? '') } }]
    this.call('ACCEPT', { accept: { offer_ids: offers.map(({ id }) => id), operations, filters: { refuse_seconds: 0 } } })
  }

  kill (taskId: string): void {
    this.call('KILL', { kill: { task_id: { value: taskId } } })
  }

  /** On a connection of its own. */
  killAtOnce (taskId: string): void {
    this.call('KILL', { kill: { task_id: { value: taskId } } }, this.#alone)
  }

  call (type: scheduler.Call_Type, rest: object, pool = this.#pool): void {
    this.#unanswered++
    const call = { type, framework_id: { value: this.#frameworkId }, ...rest }
    void this.#post(call, pool).catch((error: unknown) => { this.#fail(error) }).finally(() => { this.#unanswered-- })
  }

  /** The answer has no body; a stream for each would cost more than the call. */
  async #post (call: { readonly type: string, readonly framework_id: v1.FrameworkID }, pool: Pool): Promise<void> {
    const headers = { ...this.#headers, 'mesos-stream-id': this.#streamId }
    await new Promise<void>((resolve, reject) => {
      let [status, text] = [0, '']
      pool.dispatch({ path: '/api/v1/scheduler', method: 'POST', headers, body: JSON.stringify(call) }, {
        onRequestStart: () => {},
        onResponseStart: (_controller, statusCode) => { status = statusCode },
        onResponseData: (_controller, chunk) => { text += chunk.toString() },
        onResponseEnd: () => { if (status === 202) resolve(); else reject(new Error(`${call.type} was answered with ${status}: ${text}`)) },
        onResponseError: (_controller, error) => { reject(error) },
      })
    })
  }

  async [Symbol.asyncDispose] (): Promise<void> {
    await Promise.all([this.#pool.destroy(), this.#alone.destroy()])
  }
}

function keyOf (taskId: string, state: string): string {
  return `${state} ${taskId}`
}
