import type { v1 } from '../../../src/wire/messages.ts'
import { eventually } from '../eventually.ts'
import type { OwnAgent } from '../own-agent.ts'
import type { TaskWish, TestFramework } from '../test-framework.ts'

const terminal = new Set<v1.TaskState | undefined>(['TASK_FINISHED', 'TASK_FAILED', 'TASK_KILLED', 'TASK_ERROR', 'TASK_LOST', 'TASK_DROPPED', 'TASK_GONE'])
const patienceMs = 60_000

/** A framework that comes back whenever the agent does, and remembers all that it was ever told. */
export class LastingFramework {
  readonly #agent: OwnAgent
  readonly #runs: TestFramework[] = []

  private constructor (agent: OwnAgent) { this.#agent = agent }

  static async subscribe (agent: OwnAgent): Promise<LastingFramework> {
    const framework = new LastingFramework(agent)
    await framework.comeBack()
    return framework
  }

  get id (): string { return this.#runs[0]?.frameworkId ?? '' }

  async comeBack (): Promise<void> {
    const info = this.#runs.length === 0 ? {} : { id: { value: this.id } }
    this.#runs.push(await eventually(() => this.#agent.subscribe(info), { withinMs: patienceMs, reason: 'that the framework is back' }))
  }

  launch (...wishes: TaskWish[]): Promise<string[]> { return this.#now().launch(...wishes) }

  kill (id: string, graceMs: number): Promise<void> { return this.#now().kill(id, graceMs) }

  /** All that was told of a task, over all subscriptions. */
  told (id: string): v1.TaskStatus[] { return this.#runs.flatMap(run => run.statuses.get(id) ?? []) }

  /** How it ended: one, unless something is wrong. What is repeated has the same uuid; an answer to a question or a late kill has none. */
  ends (id: string): v1.TaskStatus[] {
    const ends = this.told(id).filter(({ state }) => terminal.has(state))
    const updates = new Map(ends.filter(({ uuid }) => uuid !== undefined).map(end => [Buffer.from(end.uuid ?? []).toString('hex'), end]))
    return updates.size > 0 ? [...updates.values()] : ends.slice(0, 1)
  }

  wasRunning (id: string): boolean { return this.told(id).some(({ state }) => state === 'TASK_RUNNING') }

  /** Asks for what has become of them, as a framework does that has heard nothing. */
  async reconcile (ids: readonly string[]): Promise<void> {
    await this.#now().call('RECONCILE', { reconcile: { tasks: ids.map(value => ({ task_id: { value } })) } })
  }

  #now (): TestFramework {
    const run = this.#runs.at(-1)
    if (run === undefined) throw new Error('the framework has not subscribed')
    return run
  }
}
