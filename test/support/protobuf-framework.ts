import { request } from 'undici'
import type { scheduler, v1 } from '../../src/wire/messages.ts'
import { decodeProtobuf, encodeProtobuf } from '../../src/wire/protobuf.ts'
import { decodeRecords } from '../../src/wire/record-io.ts'
import { eventually } from './eventually.ts'

const mediaType = 'application/x-protobuf'
const patienceMs = 60_000

/** A framework that speaks protobuf, acknowledges everything, and remembers what it heard. */
export class ProtobufFramework {
  readonly events: scheduler.Event[] = []
  /** The states of each task, in order, each once. */
  readonly states = new Map<string, v1.TaskState[]>()
  /** What the master said of tasks by itself. */
  readonly answers: v1.TaskStatus[] = []
  readonly #url: string
  readonly #headers: Record<string, string>
  readonly #uuids = new Set<string>()
  id: string | undefined
  isOver = false

  constructor (url: string, token: string, id?: string) {
    this.#url = `${url}/api/v1/scheduler`
    this.#headers = { 'content-type': mediaType, accept: mediaType, authorization: `Bearer ${token}` }
    this.id = id
  }

  /** The first event. */
  async subscribe (info: v1.FrameworkInfo): Promise<scheduler.Event> {
    const id = this.id === undefined ? undefined : { value: this.id }
    const call: scheduler.Call = { type: 'SUBSCRIBE', framework_id: id, subscribe: { framework_info: { ...info, id } } }
    const answer = await request(this.#url, { method: 'POST', headers: this.#headers, body: encodeProtobuf('scheduler.Call', call) })
    if (answer.statusCode !== 200) throw new Error(`SUBSCRIBE got ${answer.statusCode}: ${await answer.body.text()}`)
    if (answer.headers['content-type'] !== mediaType) throw new Error(`answered in ${String(answer.headers['content-type'])}`)
    this.#headers['mesos-stream-id'] = String(answer.headers['mesos-stream-id'])
    void this.#read(answer.body).catch(() => {}).finally(() => { this.isOver = true })
    return await eventually(() => this.events[0] ?? false, { reason: 'a first event' })
  }

  async #read (body: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const record of decodeRecords(body)) {
      const event = decodeProtobuf('scheduler.Event', record)
      this.id ??= event.subscribed?.framework_id.value
      this.events.push(event)
      if (event.update !== undefined) await this.#keep(event.update.status)
    }
  }

  async #keep (status: v1.TaskStatus): Promise<void> {
    const { uuid, task_id: taskId, agent_id: agentId = { value: '' } } = status
    if (uuid === undefined) { this.answers.push(status); return }
    await this.call('ACKNOWLEDGE', { acknowledge: { agent_id: agentId, task_id: taskId, uuid } })
    const key = Buffer.from(uuid).toString('hex')
    if (this.#uuids.has(key)) return
    this.#uuids.add(key)
    this.states.set(taskId.value, [...this.states.get(taskId.value) ?? [], status.state])
  }

  async call (type: scheduler.Call_Type, parts: Partial<scheduler.Call> = {}): Promise<number> {
    const body = encodeProtobuf('scheduler.Call', { type, framework_id: { value: this.id ?? '' }, ...parts })
    const answer = await request(this.#url, { method: 'POST', headers: this.#headers, body, signal: AbortSignal.timeout(patienceMs) })
    await answer.body.dump()
    return answer.statusCode
  }

  async nextOffer (): Promise<v1.Offer> {
    return await eventually(() => this.events.findLast(({ offers }) => offers !== undefined)?.offers?.offers?.[0] ?? false, { reason: 'an offer' })
  }

  async until (taskIds: readonly string[], state: v1.TaskState): Promise<void> {
    const isThere = (): boolean => taskIds.every(taskId => this.states.get(taskId)?.at(-1) === state)
    await eventually(isThere, { withinMs: patienceMs, reason: `${state} of ${taskIds.length} tasks` })
  }
}
