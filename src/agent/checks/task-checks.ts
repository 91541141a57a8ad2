import { alarmClock, type Cancel } from '../../base/alarm-clock.ts'
import { elapsedMs } from '../../base/boot-clock.ts'
import type { Log } from '../../base/log.ts'
import type { Containerizer } from '../../containerizer/containerizer.ts'
import type { Task } from '../task.ts'
import type { Word } from '../task-status.ts'
import type { Check, Finding, HealthCheck } from './check.ts'
import { checkStatus, isSame } from './check-status.ts'
import { healthJudge } from './health-judge.ts'
import { helpers, type Helpers } from './helpers.ts'
import type { CheckMetrics } from './metrics.ts'
import { places } from './places.ts'
import { probeOf } from './probe.ts'
import { readChecks } from './read-check.ts'
import { startRounds, type RoundsDeps } from './rounds.ts'

export interface TaskChecksOptions {
  readonly containerizer: Pick<Containerizer, 'exec' | 'look'>
  readonly metrics: CheckMetrics
  /** The agent's own address. */
  readonly hostIp: string
  readonly log: Log
  readonly tell: (task: Task, word: Word) => void
  /** Ends a task: its time is over, or its health is gone. */
  readonly end: (task: Task, why: string) => void
}

/** An exec costs the engine a process; a connection costs next to nothing. */
const commandsAtOnce = 16
const connectionsAtOnce = 256

/** Watches over running tasks as they asked for: their completion time, their health, their checks. One timer for all of them. */
export class TaskChecks {
  readonly #options: TaskChecksOptions
  readonly #clock = alarmClock()
  readonly #places: RoundsDeps['places']
  readonly #helpers: Helpers
  readonly #watches = new Map<Task, Cancel[]>()

  constructor (options: TaskChecksOptions) {
    this.#options = options
    const connections = places(connectionsAtOnce)
    this.#helpers = helpers(options.log, options.metrics)
    this.#places = { COMMAND: places(commandsAtOnce), TCP: connections, HTTP: connections }
  }

  /** It runs: its completion time begins. */
  limitTime (task: Task): void {
    const { max_completion_time: time } = task.info
    if (time === undefined || !isLeftAlone(task)) return
    const ms = Number(time.nanoseconds) / 1e6
    this.#keep(task, this.#clock.in(Math.max(0, ms - ranFor(task)), () => {
      if (!isLeftAlone(task)) return
      task.hasOverrun = true
      this.#options.end(task, `it reached its max_completion_time of ${ms / 1000} s`)
    }))
  }

  /** Its address is known: its checks begin. */
  begin (task: Task): void {
    if (!isLeftAlone(task)) return
    const { health, check } = readChecks(task.info)
    if (health !== undefined) this.#keep(task, this.#watchHealth(task, health))
    if (check !== undefined) this.#keep(task, this.#watchCheck(task, check))
  }

  /** It is over, or about to be. */
  stop (task: Task): void {
    for (const cancel of this.#watches.get(task) ?? []) cancel()
    this.#watches.delete(task)
  }

  close (): void {
    for (const task of [...this.#watches.keys()]) this.stop(task)
    this.#clock.close()
  }

  #keep (task: Task, cancel: Cancel): void {
    this.#watches.set(task, [...this.#watches.get(task) ?? [], cancel])
  }

  #rounds (task: Task, check: Check, onFinding: (finding: Finding) => void): Cancel {
    const { metrics, containerizer, hostIp } = this.#options
    const probe = probeOf(task.container, check, { containerizer, hostIp, helpers: this.#helpers })
    const cancel = startRounds(check, { clock: this.#clock, places: this.#places, metrics, look: signal => probe.look(signal) }, onFinding)
    return () => {
      cancel()
      probe.end()
    }
  }

  #watchHealth (task: Task, check: HealthCheck): Cancel {
    const { tell, end } = this.#options
    const judge = healthJudge(check, performance.now() - ranFor(task), task.health)
    return this.#rounds(task, check, finding => {
      const verdict = judge(finding, performance.now())
      if (verdict === undefined || !isLeftAlone(task)) return
      const { isHealthy, failures, isOver } = verdict
      task.health = { wasHealthyOnce: isHealthy || task.health?.wasHealthyOnce === true, failures }
      const told = `its health check failed ${failures === 1 ? 'once' : `${failures} times in a row`}: ${finding.says}`
      tell(task, {
        state: 'TASK_RUNNING', reason: 'REASON_TASK_HEALTH_CHECK_STATUS_UPDATED', healthy: isHealthy,
        ...(!isHealthy && { message: `Not healthy: ${told}` }),
      })
      if (!isOver) return
      task.isUnhealthy = true
      end(task, told)
    })
  }

  #watchCheck (task: Task, check: Check): Cancel {
    const { kind } = check.target
    return this.#rounds(task, check, finding => {
      const status = checkStatus(kind, finding)
      if (isSame(task.checkStatus, status) || !isLeftAlone(task)) return
      task.checkStatus = status
      this.#options.tell(task, { state: 'TASK_RUNNING', reason: 'REASON_TASK_CHECK_STATUS_UPDATED' })
    })
  }
}

/** Longer than this agent knows it, if another run of it began the task. */
function ranFor ({ runningSince }: Task): number {
  return runningSince === undefined ? 0 : elapsedMs(runningSince) ?? 0
}

/** Nobody has asked for its end, and it has not ended. */
function isLeftAlone ({ container, killedFor, isSilent }: Task): boolean {
  return container.termination === undefined && killedFor === undefined && !isSilent
}
