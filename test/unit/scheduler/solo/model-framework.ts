import { acts, type ActingType } from '../../../../src/scheduler/solo/calls.ts'
import { disconnected, subscribe } from '../../../../src/scheduler/solo/membership.ts'
import type { Framework } from '../../../../src/scheduler/solo/framework.ts'
import type { Solo } from '../../../../src/scheduler/solo/solo.ts'
import type { scheduler, v1 } from '../../../../src/wire/messages.ts'
import { agentId, task } from '../../../support/solo-door.ts'

/** How often each is done, of a hundred times. */
export const moves = {
  accept: 30, acceptStale: 3, decline: 8, acknowledge: 28, kill: 4, reconcile: 3, revive: 6, suppress: 2, drop: 4, subscribe: 11, teardown: 1,
} as const
export type Move = keyof typeof moves

let count = 0

/** A framework as it sees itself: by its calls and its events alone. */
export class ModelFramework {
  readonly #solo: Solo
  readonly offers = new Map<string, v1.Offer>()
  /** The uuids of each task's updates, in the order of their first arrival. */
  readonly heard = new Map<string, string[]>()
  /** Every task that it asked for, until it hears of it. */
  readonly unanswered = new Set<string>()
  readonly #updates: v1.TaskStatus[] = []
  #streamId: string | undefined
  id = ''
  readonly seen = { offers: 0, updates: 0, rescinds: 0, refused: 0 }

  constructor (solo: Solo) { this.#solo = solo }

  get isConnected (): boolean { return this.#streamId !== undefined }
  get #framework (): Framework | undefined { return this.#solo.frameworks.get(this.id) }

  do (move: Move, pick: number): void {
    if (move === 'subscribe') this.subscribe(pick)
    else if (this.isConnected) this.#moves[move](pick)
  }

  /** Anew, or again with the id that it has; from another connection or after the loss of one. */
  subscribe (pick: number): void {
    const streamId = `stream-${count++}`
    const info: v1.FrameworkInfo = { user: 'u', name: 'n', failover_timeout: [0, 60, 600][pick % 3] }
    if (this.id !== '') info.id = { value: this.id }
    this.#streamId = streamId
    this.offers.clear()
    const sink = { streamId, send: (event: scheduler.Event) => { this.#hear(event) }, close: () => { this.#lose(streamId) } }
    subscribe(this.#solo, { framework_info: info }, () => `framework-${count++}`, sink)
  }

  acknowledgeAll (): void {
    while (this.#updates.length > 0) this.#moves.acknowledge(0)
  }

  readonly #moves: Record<Exclude<Move, 'subscribe'>, (pick: number) => void> = {
    accept: pick => { this.#accept([...this.offers.keys()].slice(0, 1 + pick % 2), pick) },
    acceptStale: pick => { this.#accept([`gone-${pick}`, ...this.offers.keys()], pick) },
    decline: pick => {
      const [id] = this.offers.keys()
      if (id !== undefined) this.#call('DECLINE', { decline: { offer_ids: this.#spend([id]), filters: { refuse_seconds: pick % 60 } } })
    },
    acknowledge: pick => {
      const [status] = this.#updates.splice(pick % Math.max(1, this.#updates.length), 1)
      if (status === undefined) return
      const { task_id: taskId, uuid = new Uint8Array() } = status
      this.#call('ACKNOWLEDGE', { acknowledge: { agent_id: { value: agentId }, task_id: taskId, uuid } })
    },
    kill: pick => { this.#call('KILL', { kill: { task_id: { value: [...this.heard.keys()].at(pick % 7) ?? 'unknown' } } }) },
    reconcile: () => { this.#call('RECONCILE', { reconcile: {} }) },
    revive: () => { this.#call('REVIVE') },
    suppress: () => { this.#call('SUPPRESS') },
    drop: () => { const streamId = this.#streamId ?? ''; this.#lose(streamId); disconnected(this.#solo, streamId); this.#forgetIfRemoved() },
    teardown: () => { this.#call('TEARDOWN'); this.#forgetIfRemoved() },
  }

  #accept (offerIds: string[], pick: number): void {
    const tasks = Array.from({ length: 1 + pick % 3 }, () => this.#newTask(pick))
    const operations: v1.Offer_Operation[] = [{ type: 'LAUNCH', launch: { task_infos: tasks } }]
    if (offerIds.length === 0) return
    for (const { task_id: { value } } of tasks) this.unanswered.add(value)
    this.#call('ACCEPT', { accept: { offer_ids: this.#spend(offerIds), operations, filters: { refuse_seconds: pick % 20 } } })
  }

  /** Sometimes more than there is. */
  #newTask (pick: number): v1.TaskInfo {
    const begin = 1 + pick % 10
    return task(`task-${count++}`, {
      resources: [
        { name: 'cpus', type: 'SCALAR', scalar: { value: (pick % 90) / 100 } },
        { name: 'ports', type: 'RANGES', ranges: { range: [{ begin, end: begin + pick % 2 }] } },
      ],
    }) as v1.TaskInfo
  }

  #spend (offerIds: readonly string[]): v1.OfferID[] {
    for (const id of offerIds) this.offers.delete(id)
    return offerIds.map(value => ({ value }))
  }

  #call (type: ActingType, part: Partial<scheduler.Call> = {}): void {
    const framework = this.#framework
    if (framework !== undefined) void acts[type](this.#solo, framework, { type, ...part })
  }

  #hear ({ type, subscribed, offers, rescind, update }: scheduler.Event): void {
    if (type === 'SUBSCRIBED') this.id = subscribed?.framework_id.value ?? ''
    for (const offer of offers?.offers ?? []) this.offers.set(offer.id.value, offer)
    if (rescind !== undefined) this.offers.delete(rescind.offer_id.value)
    if (offers !== undefined) this.seen.offers++
    if (rescind !== undefined) this.seen.rescinds++
    if (update !== undefined) this.#keep(update.status)
  }

  #keep (status: v1.TaskStatus): void {
    const taskId = status.task_id.value
    this.unanswered.delete(taskId)
    if (status.uuid === undefined) { this.seen.refused++; return }
    this.seen.updates++
    const uuid = Buffer.from(status.uuid).toString('hex')
    const heard = this.heard.get(taskId) ?? []
    if (!heard.includes(uuid)) this.heard.set(taskId, [...heard, uuid])
    this.#updates.push(status)
  }

  #lose (streamId: string): void {
    if (this.#streamId !== streamId) return
    this.#streamId = undefined
    this.offers.clear()
    this.#forgetIfRemoved()
  }

  /** A framework that was removed begins anew. */
  #forgetIfRemoved (): void {
    if (this.#framework !== undefined) return
    this.id = ''
    this.heard.clear()
    this.unanswered.clear()
    this.#updates.length = 0
  }
}
