import { backoff } from '../base/backoff.ts'
import { delay, settlesWithin } from '../base/deadline.ts'
import type { Log } from '../base/log.ts'
import type { Engine } from '../engine/port.ts'
import type { ContainerLimits } from '../model/container-spec.ts'
import { cpuShares } from '../model/cpu-shares.ts'
import { AgentError } from '../model/errors.ts'
import type { KnownContainer } from '../pool/jobs.ts'
import type { Pool } from '../pool/pool.ts'
import type { Container } from './container.ts'
import type { KeptContainers } from './kept-containers.ts'
import { kernelLimits, updatedLimits } from './kernel-limits.ts'
import type { Lanes, Ticket } from './lanes.ts'
import type { ContainerizerMetrics } from './metrics.ts'
import type { UpdateOutcome } from './update-metrics.ts'

export interface UpdateDeps {
  readonly engine: Engine
  readonly lanes: Lanes
  /** `limits` is for lower ones, which may block their thread. */
  readonly pools: Readonly<Record<'cgroup' | 'limits', Pool>>
  readonly metrics: ContainerizerMetrics
  readonly kept: KeptContainers
  readonly log: Log
  readonly closing: AbortSignal
}

const updating: Ticket = { stage: 'update', priority: 0 }
const recording: Ticket = { stage: 'record', priority: 0 }

/** Between tries to settle an update that was cut off. */
const settleMs = [500, 300_000] as const
/** An update waits so long for that. */
const patienceMs = 10_000

/** New limits for containers that run: the kernel's files first, then the engine's record, then a look at the files. One at a time for each container. */
export class LimitUpdates {
  readonly #deps: UpdateDeps
  readonly #settling = new WeakMap<Container, Promise<void>>()
  /** Calls to the engine that were given up: each may still do what it was sent for, whatever has come after it. */
  readonly #late = new WeakMap<Container, Array<Promise<unknown>>>()

  constructor (deps: UpdateDeps) { this.#deps = deps }

  /** Puts in force what is recorded of a container whose update was cut off: nobody knows how far that came. To begin when `after` has settled. */
  settle (container: Container, after: Promise<void>): void {
    if (container.updating === undefined) return
    this.#settling.set(container, after.then(() => this.#settle(container)).catch(() => {}))
  }

  async #settle (container: Container): Promise<void> {
    const { log, closing } = this.#deps
    const { id: containerId, limits, updating } = container
    for (const waitMs of backoff(...settleMs)) {
      if (container.state !== 'running' || updating === undefined) return
      try {
        await this.#write(container, updating, limits)
        await this.#record(container, limits)
        await this.#answers(container)
        if (closing.aborted) return
        this.#settled(container, limits)
        log.info({ containerId, limits }, 'an update was cut off; these limits are in force')
        return
      } catch (error) {
        log.warn({ containerId, error, againInMs: Math.round(waitMs) }, 'an update was cut off, and its container\'s limits could not be set; trying again')
      }
      await Promise.race([delay(waitMs, closing), container.ended.promise])
    }
  }

  async update (container: Container, asked: ContainerLimits): Promise<void> {
    const { metrics } = this.#deps
    try {
      await settlesWithin(this.#settling.get(container) ?? Promise.resolve(), patienceMs)
      if (container.updating !== undefined) throw new AgentError('UPDATE_REFUSED', 'an earlier update of it is not settled: the engine has not answered yet')
      if (container.state !== 'running') throw new AgentError('UPDATE_REFUSED', `the container is ${container.state}, and only one that runs can be updated`)
      metrics.updated(await this.#change(container, updatedLimits(container.spec, asked)))
    } catch (error) {
      metrics.updated('refused')
      throw error
    }
  }

  /** Written down before and after: the next run of the agent is to know that it was begun, and of its end only with what the caller makes of it at once. */
  async #change (container: Container, wanted: ContainerLimits): Promise<UpdateOutcome> {
    const { kept, closing } = this.#deps
    const before = container.limits
    container.updating = wanted
    kept.note(container)
    try {
      await kept.writtenSoon(container)
      await this.#putInForce(container, wanted)
      const outcome = await this.#readBack(container, wanted)
      this.#settled(container, wanted)
      return outcome
    } catch (error) {
      if (this.#late.has(container)) container.undone = this.#undo(container)
      else if (!closing.aborted) this.#settled(container, before)       // else nothing could be put back: that is for the next run of the agent
      throw error
    }
  }

  #settled (container: Container, limits: ContainerLimits): void {
    this.#late.delete(container)
    Object.assign(container, { limits, updating: undefined })
    this.#deps.kept.note(container)
  }

  /** The call cannot be un-sent: should it succeed after its deadline, what it did is undone then. Before that the container takes no other update. */
  async #undo (container: Container): Promise<void> {
    const { log, closing } = this.#deps
    const answers = await this.#answers(container)
    if (answers.some(({ status }) => status === 'fulfilled')) {
      await this.#record(container, container.limits).catch((late: unknown) => {
        log.warn({ containerId: container.id, error: late }, 'an update that was given up could not be undone at the engine')
      })
      await this.#answers(container)        // the undo may have been given up as well
    }
    if (!closing.aborted) this.#settled(container, container.limits)
  }

  async #answers (container: Container): Promise<Array<PromiseSettledResult<unknown>>> {
    return await Promise.allSettled(this.#late.get(container) ?? [])
  }

  async #putInForce (container: Container, wanted: ContainerLimits): Promise<void> {
    const before = container.limits
    try {
      await this.#write(container, before, wanted)
      await this.#record(container, wanted)
    } catch (error) {
      // A write that was refused has changed nothing; any other failure may have come half-way.
      if (!isRefusalOfWrite(error)) await this.#restore(container, wanted, before)
      throw error
    }
  }

  /** Where the kernel's files are not to be found from here, the engine's call alone has to do. */
  async #write (container: Container, from: ContainerLimits, to: ContainerLimits): Promise<void> {
    const { lanes, pools, closing } = this.#deps
    const pool = to.memBytes < from.memBytes ? pools.limits : pools.cgroup
    const input = { ...knownOf(container), limits: kernelLimits(to), previousCpuShares: cpuShares(from.cpus) }
    await lanes.run(updating, signal => pool.run('update', input, signal), closing).catch((error: unknown) => {
      if (!isNotFound(error)) throw error
    })
  }

  async #record (container: Container, limits: ContainerLimits): Promise<void> {
    const { engine, lanes, closing } = this.#deps
    const { engineId = '' } = container
    let work: Promise<unknown> = Promise.resolve()
    const ticket: Ticket = { ...recording, onBegun: (_queueMs, begun) => { work = begun } }
    try {
      await lanes.run(ticket, signal => engine.update(engineId, limits, signal), closing)
    } catch (error) {
      if (AgentError.from(error).code === 'STAGE_TIMEOUT') this.#late.set(container, [...this.#late.get(container) ?? [], work])
      throw error
    }
  }

  async #restore (container: Container, from: ContainerLimits, to: ContainerLimits): Promise<void> {
    await this.#write(container, from, to).catch((error: unknown) => {
      this.#deps.log.warn({ containerId: container.id, error }, 'the limits that a container had could not be restored')
    })
  }

  async #readBack (container: Container, wanted: ContainerLimits): Promise<UpdateOutcome> {
    const { lanes, pools, log, closing } = this.#deps
    try {
      const input = { ...knownOf(container), limits: kernelLimits(wanted) }
      const { differs } = await lanes.run(updating, signal => pools.cgroup.run('isolate', input, signal), closing)
      if (differs.length === 0) return 'verified'
      log.warn({ containerId: container.id, differs }, 'the kernel has other limits than a container was updated to')
      return 'differs'
    } catch (error) {
      if (!isNotFound(error)) log.warn({ containerId: container.id, error }, 'the limits of a container could not be read back')
      return 'unseen'
    }
  }
}

function knownOf ({ engineId = '', inspected }: Container): KnownContainer {
  return { engineId, pid: inspected?.pid }
}

function isNotFound (error: unknown): boolean {
  return error instanceof AgentError && error.code === 'NOT_FOUND'
}

function isRefusalOfWrite (error: unknown): boolean {
  return error instanceof AgentError && error.code === 'UPDATE_REFUSED'
}
