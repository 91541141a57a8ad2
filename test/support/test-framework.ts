import { request } from 'undici'
import type { scheduler, v1 } from '../../src/wire/messages.ts'
import { parseJson } from '../../src/wire/json.ts'
import { decodeRecords } from '../../src/wire/record-io.ts'
import { eventually } from './eventually.ts'
import { send, type Answer } from './scheduler-client.ts'

export interface TaskWish {
  id?: string
  image?: string
  /** A shell line; or `argv`; or neither: the image's own command. */
  shell?: string
  argv?: string[]
  cpus?: number
  mem?: number
  network?: v1.ContainerInfo_DockerInfo_Network
  environment?: Record<string, string>
  graceMs?: number
  labels?: Record<string, string>
  /** Put over the TaskInfo, for what the wish has no word for. */
  info?: Partial<v1.TaskInfo>
}

let taskCount = 0
const defaultCpus = 0.1
const patienceMs = 60_000
const terminal = new Set<v1.TaskState>(['TASK_FINISHED', 'TASK_FAILED', 'TASK_KILLED', 'TASK_ERROR', 'TASK_LOST', 'TASK_DROPPED', 'TASK_GONE'])

/** A framework that takes each offer as it needs it and acknowledges every update. */
export class TestFramework {
  readonly statuses = new Map<string, v1.TaskStatus[]>()
  readonly offers: v1.Offer[] = []
  /** Tasks that it has wanted to launch. */
  readonly asked = new Set<string>()
  readonly errors: string[] = []
  /** What its executors have said, and which of them have ended. */
  readonly messages: string[] = []
  readonly failures: scheduler.Event_Failure[] = []
  readonly #base: string
  readonly #headers: Record<string, string>
  readonly #abort = new AbortController()
  frameworkId = ''
  isOver = false
  /** It acknowledges nothing. */
  isDeaf = false

  private constructor (url: string, token: string) {
    this.#base = `${url}/api/v1/scheduler`
    this.#headers = { 'content-type': 'application/json', accept: 'application/json', authorization: `Bearer ${token}` }
  }

  get streamId (): string { return this.#headers['mesos-stream-id'] ?? '' }

  static async subscribe (url: string, token: string, info: object, isDeaf = false): Promise<TestFramework> {
    const framework = new TestFramework(url, token)
    framework.isDeaf = isDeaf
    await framework.#subscribe(info)
    return framework
  }

  async #subscribe (info: { readonly id?: v1.FrameworkID }): Promise<void> {
    const body = JSON.stringify({ type: 'SUBSCRIBE', framework_id: info.id, subscribe: { framework_info: info } })
    const answer = await request(this.#base, { method: 'POST', headers: this.#headers, body, signal: this.#abort.signal })
    if (answer.statusCode !== 200) throw new Error(`SUBSCRIBE got ${answer.statusCode}: ${await answer.body.text()}`)
    this.#headers['mesos-stream-id'] = String(answer.headers['mesos-stream-id'])
    void this.#read(answer.body).catch(() => {}).finally(() => { this.isOver = true })
    await eventually(() => this.frameworkId !== '' || this.isOver, { reason: 'SUBSCRIBED' })
    if (this.frameworkId === '') throw new Error('the stream ended before SUBSCRIBED')
  }

  async #read (body: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const record of decodeRecords(body)) await this.#hear(parseJson('scheduler.Event', JSON.parse(record.toString())))
  }

  async #hear ({ type, subscribed, offers, rescind, update, error, message, failure }: scheduler.Event): Promise<void> {
    if (type === 'SUBSCRIBED') this.frameworkId = subscribed?.framework_id.value ?? ''
    if (type === 'OFFERS') this.offers.push(...offers?.offers ?? [])
    if (type === 'RESCIND') this.#forget(rescind?.offer_id.value)
    this.#hearExecutors(message, failure)
    if (type === 'ERROR') this.errors.push(error?.message ?? '')
    if (type === 'UPDATE' && update !== undefined) await this.#keep(update.status)
  }

  #hearExecutors (message: scheduler.Event_Message | undefined, failure: scheduler.Event_Failure | undefined): void {
    if (message !== undefined) this.messages.push(Buffer.from(message.data).toString())
    if (failure !== undefined) this.failures.push(failure)
  }

  async #keep (status: v1.TaskStatus): Promise<void> {
    const taskId = status.task_id.value
    this.statuses.set(taskId, [...this.statuses.get(taskId) ?? [], status])
    if (status.uuid === undefined || this.isDeaf) return
    const uuid = Buffer.from(status.uuid).toString('base64')
    await this.call('ACKNOWLEDGE', { acknowledge: { agent_id: status.agent_id, task_id: status.task_id, uuid } })
  }

  #forget (offerId: string | undefined): void {
    const at = this.offers.findIndex(({ id }) => id.value === offerId)
    if (at >= 0) this.offers.splice(at, 1)
  }

  call (type: scheduler.Call_Type, rest: object = {}): Promise<Answer> {
    return send(this.#base, 'POST', this.#headers, JSON.stringify({ type, framework_id: { value: this.frameworkId }, ...rest }))
  }

  /** Launches them all, on all offers at hand once they are enough; answers their ids. */
  async launch (...wishes: TaskWish[]): Promise<string[]> {
    const cpus = wishes.reduce((sum, wish) => sum + (wish.cpus ?? defaultCpus), 0)
    const isEnough = (): boolean => this.offers.reduce((sum, offer) => sum + cpusOf(offer), 0) >= cpus - 1e-6
    await eventually(isEnough, { withinMs: patienceMs, reason: `offers of ${cpus} cpus` })
    const offers = this.offers.splice(0)
    const infos = wishes.map(wish => taskInfo(wish, offers[0]?.agent_id ?? { value: '' }))
    for (const info of infos) this.asked.add(info.task_id.value)
    const operations = [{ type: 'LAUNCH', launch: { task_infos: infos } }]
    const answer = await this.call('ACCEPT', { accept: { offer_ids: offers.map(({ id }) => id), operations, filters: { refuse_seconds: 0 } } })
    if (answer.status !== 202) throw new Error(`ACCEPT got ${answer.status}: ${answer.text}`)
    return infos.map(info => info.task_id.value)
  }

  async kill (taskId: string, graceMs?: number): Promise<void> {
    const policy = graceMs === undefined ? {} : { kill_policy: { grace_period: { nanoseconds: graceMs * 1e6 } } }
    await this.call('KILL', { kill: { task_id: { value: taskId }, ...policy } })
  }

  /** The first status of this state, once it has come. */
  async until (taskId: string, state: v1.TaskState): Promise<v1.TaskStatus> {
    return await eventually(() => {
      const all = this.statuses.get(taskId) ?? []
      const found = all.find(status => status.state === state)
      const last = all.at(-1)
      if (found === undefined && last !== undefined && terminal.has(last.state)) throw new Error(`${taskId} is ${last.state}: ${last.message}`)
      return found ?? false
    }, { withinMs: patienceMs, reason: `${state} of ${taskId}` })
  }

  /** The last word on a task. */
  async end (taskId: string): Promise<v1.TaskStatus> {
    const last = (): v1.TaskStatus | false => this.statuses.get(taskId)?.find(({ state }) => terminal.has(state)) ?? false
    return await eventually(last, { withinMs: patienceMs, reason: `the end of ${taskId}` })
  }

  /** Launches one task and waits for its last word. */
  async run (wish: TaskWish): Promise<v1.TaskStatus> {
    const [taskId] = await this.launch(wish)
    return await this.end(taskId ?? '')
  }

  drop (): void { this.#abort.abort() }
}

function cpusOf ({ resources = [] }: v1.Offer): number {
  return resources.find(({ name }) => name === 'cpus')?.scalar?.value ?? 0
}

function taskInfo (wished: TaskWish, agentId: v1.AgentID): v1.TaskInfo {
  const { id = `task-${taskCount++}`, cpus = defaultCpus, mem = 32, network = 'HOST', labels = {}, ...wish } = wished
  const variables = Object.entries(wish.environment ?? {}).map(([name, value]) => ({ name, value }))
  return {
    name: id,
    task_id: { value: id },
    agent_id: agentId,
    resources: [{ name: 'cpus', type: 'SCALAR', scalar: { value: cpus } }, { name: 'mem', type: 'SCALAR', scalar: { value: mem } }],
    container: { type: 'DOCKER', docker: { image: wish.image ?? 'busybox:latest', network } },
    command: { ...commandOf(wish), ...(variables.length > 0 && { environment: { variables } }) },
    ...(wish.graceMs !== undefined && { kill_policy: { grace_period: { nanoseconds: wish.graceMs * 1e6 } } }),
    ...(Object.keys(labels).length > 0 && { labels: { labels: Object.entries(labels).map(([key, value]) => ({ key, value })) } }),
    ...wish.info,
  }
}

function commandOf ({ shell, argv }: TaskWish): v1.CommandInfo {
  if (shell !== undefined) return { shell: true, value: shell }
  return { shell: false, arguments: argv ?? [] }
}
