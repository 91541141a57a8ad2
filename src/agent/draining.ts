import type { Log } from '../base/log.ts'
import { drop, put, type Checkpoint } from '../store/checkpoint.ts'
import type { DrainRecord } from '../store/records.ts'
import { parseJson, printJson } from '../wire/json.ts'
import type { v1 } from '../wire/messages.ts'
import { commitSoon } from './commit-soon.ts'
import type { AgentTasks } from './port.ts'
import type { TaskBook } from './task-book.ts'
import type { Task } from './task.ts'

export interface DrainingOptions {
  readonly tasks: Pick<AgentTasks, 'kill'>
  readonly book: Pick<TaskBook, 'open'>
  readonly checkpoint: Checkpoint
  readonly log: Log
}

/** A master wants this host empty: all tasks are ended, and none is taken until they have. It outlives the agent. */
export class Draining {
  readonly #options: DrainingOptions
  #config: v1.DrainConfig | undefined
  #begunAtMs = 0

  constructor (options: DrainingOptions) { this.#options = options }

  /** Takes in what an earlier run wrote down. */
  restore (record: DrainRecord | undefined): void {
    if (record === undefined) return
    this.#config = parseJson('v1.DrainConfig', JSON.parse(record.config))
    this.#begunAtMs = record.begunAtMs
  }

  /** Undefined when it is not asked for, or all tasks have ended. */
  get config (): v1.DrainConfig | undefined {
    if (this.#config !== undefined && this.#options.book.open().length === 0) this.#end()
    return this.#config
  }

  /** When it was begun, in seconds since the epoch. */
  get begunAt (): number { return Math.floor(this.#begunAtMs / 1000) }

  /** Asked again, the new bound on graces counts. Durable when it resolves, unless the disk does not answer; the tasks are told to end at once. */
  async begin (config: v1.DrainConfig): Promise<void> {
    const { checkpoint, log } = this.#options
    this.#config = config
    this.#begunAtMs = Date.now()
    const kept = commitSoon(checkpoint, put('drain', 'self', { config: printJson('v1.DrainConfig', config), begunAtMs: this.#begunAtMs }))
    const count = this.resume()
    log.info({ tasks: count, markGone: config.mark_gone ?? false }, 'the master wants this host empty')
    await kept
  }

  /** Ends the tasks that an earlier run left; answers how many there are. */
  resume (): number {
    if (this.#config === undefined) return 0
    const open = this.#options.book.open()
    for (const { frameworkId, taskId, info } of open) this.#options.tasks.kill(frameworkId, taskId, killPolicy(this.#config, info.kill_policy))
    return open.length
  }

  /** Why a task was ended, in its statuses. Older frameworks do not know of tasks that are gone by an operator. */
  recast ({ framework }: Pick<Task, 'framework'>, status: v1.TaskStatus): v1.TaskStatus {
    const { state } = status
    if (this.#config === undefined || (state !== 'TASK_KILLING' && state !== 'TASK_KILLED')) return status
    const isPartitionAware = (framework.capabilities ?? []).some(({ type }) => type === 'PARTITION_AWARE')
    const isGone = state === 'TASK_KILLED' && this.#config.mark_gone === true && isPartitionAware
    return { ...status, reason: 'REASON_AGENT_DRAINING', ...(isGone && { state: 'TASK_GONE_BY_OPERATOR' as const }) }
  }

  #end (): void {
    this.#config = undefined
    this.#options.log.info({}, 'all tasks that the master wanted away have ended')
    this.#options.checkpoint.commit(drop('drain', 'self')).catch(() => {})
  }
}

/** The shorter of what the master grants and what the task wants; the latter alone where the master says nothing. */
function killPolicy ({ max_grace_period: most }: v1.DrainConfig, own: v1.KillPolicy | undefined): v1.KillPolicy | undefined {
  if (most === undefined) return undefined
  const wanted = own?.grace_period
  return { grace_period: wanted !== undefined && BigInt(wanted.nanoseconds) < BigInt(most.nanoseconds) ? wanted : most }
}
