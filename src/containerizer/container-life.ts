import { race, settlesWithin, startDeadline } from '../base/deadline.ts'
import type { Listed } from '../engine/port.ts'
import { AgentError } from '../model/errors.ts'
import type { Phase } from '../store/records.ts'
import { bringBack } from './bring-back.ts'
import type { Container } from './container.ts'
import type { EngineWatch } from './engine-watch.ts'
import type { ExitWatch } from './exit-watch.ts'
import type { KernelSignals } from './kernel-signals.ts'
import type { HoldingLanes } from './lanes.ts'
import { launch, type LaunchDeps } from './launch.ts'
import type { ContainerizerMetrics } from './metrics.ts'
import type { Remnants } from './remnants.ts'
import { removeUntilGone, type RemovalDeps } from './removal.ts'
import { touchSandbox } from './sandbox.ts'
import { stopContainer } from './stop.ts'
import type { LimitUpdates } from './update-limits.ts'

export interface LifeDeps extends LaunchDeps, RemovalDeps {
  readonly lanes: HoldingLanes
  readonly metrics: ContainerizerMetrics
  readonly exits: ExitWatch
  readonly engineWatch: EngineWatch
  readonly kernel: KernelSignals
  readonly remnants: Remnants
  readonly updates: Pick<LimitUpdates, 'settle'>
  readonly launchTimeoutMs: number
  /** How long SIGKILL may take to be noticed. */
  readonly killWaitMs: number
  /** The agent is closing: nothing is waited for any more. */
  readonly closing: AbortSignal
}

/** How long a container that ought to be gone may take to be confirmed so, before it is said that it may still run. */
const confirmMs = 30_000
const lastTryMs = 1_000

/** How containers live: the one place that moves them. */
export class ContainerLife {
  readonly #deps: LifeDeps

  constructor (deps: LifeDeps) { this.#deps = deps }

  /** From its launch until it is confirmed gone, straight on. */
  async live (container: Container): Promise<void> {
    this.#deps.networks.hold(container.spec)
    const error = await this.#launch(container)
    if (error === undefined) this.#started(container)
    else await this.#failed(container, error)
    await this.#seeOff(container)
  }

  /** The same for one of an earlier run, which was last seen in this phase, once it is known what the engine has of it. */
  async resume (container: Container, phase: Phase, found: Promise<Listed | undefined>): Promise<void> {
    this.#deps.networks.hold(container.spec)
    const stop = (one: Container): Promise<void> => this.#stop(one)
    const confirmGone = (one: Container): Promise<boolean> => this.#confirmGone(one)
    await bringBack(container, phase, await race(found, this.#deps.closing), { ...this.#deps, stop, confirmGone })
    await this.#seeOff(container)
  }

  async #seeOff (container: Container): Promise<void> {
    await container.ended.promise
    if (container.state === 'running' || container.state === 'stopping') container.move('exit')
    await this.#deps.pipes.drain(container)
    await this.#deps.kept.writtenSoon(container)         // how it ended, which nobody can ask the engine for once it is removed
    if (container.isFromBefore || container.timeline.hasBegun('create')) await this.#remove(container, this.#deps.closing)
    this.#deps.networks.leave(container.spec)
    await touchSandbox(container.spec.sandbox.hostPath)
    if (container.state !== 'gone') container.move('remove')
    container.gone.resolve()
  }

  /** Back when it is gone, whatever state it was in. */
  async destroy (container: Container, graceMs: number, why: string): Promise<void> {
    if (container.state === 'running') {
      container.graceMs = graceMs
      container.move('cancel')
      await this.#stop(container)
    } else if (container.state === 'stopping') {
      container.graceMs = Math.min(container.graceMs, graceMs)
      if (!await settlesWithin(container.ended.promise, container.graceMs)) container.hurry.resolve()
    } else if (container.state === 'queued' || container.state === 'launching') {
      container.graceMs = graceMs
      container.move('cancel')
      container.launch.abort(new AgentError('CANCELLED', why))
    }
    await container.gone.promise
  }

  async #launch (container: Container): Promise<AgentError | undefined> {
    const { lanes, metrics, log, launchTimeoutMs } = this.#deps
    try {
      await launch(container, this.#deps, {
        lanes, metrics, launchTimeoutMs, timeline: container.timeline, priority: container.priority, signal: container.launch.signal,
        log: log.child({ containerId: container.id }), undoTimeoutMs: confirmMs,
      })
      return undefined
    } catch (error) {
      return AgentError.from(error)
    }
  }

  #started (container: Container): void {
    if (container.state === 'launching') container.move('started')
    else void this.#stop(container)               // killed at the last moment: it came up all the same
    container.hasComeUp = true
    container.running.resolve()
    this.#deps.exits.cameUp(container)
  }

  /** The launch is undone by now; what counts is whether the engine agrees. */
  async #failed (container: Container, error: AgentError): Promise<void> {
    container.running.reject(error)
    // The undo has tried for a while: an engine that does not answer now will hardly do so in the same time again.
    const waitMs = this.#deps.engineWatch.isUp ? confirmMs : lastTryMs
    const mayStillRun = container.timeline.hasBegun('create') && !await this.#confirmGone(container, waitMs)
    if (mayStillRun && container.timeline.hasBegun('start')) await this.#deps.kernel.condemnInTurn(container)      // what came up meanwhile
    if (container.state === 'launching' || container.state === 'stopping') container.move('fail')
    if (container.state === 'queued') container.move('cancel')      // its time was over before its turn came
    container.piped.resolve()
    container.end({ exitCode: undefined, oomKilled: false, error, mayStillRun })
  }

  async #stop (container: Container): Promise<void> {
    await stopContainer(container, this.#deps, this.#deps.closing).catch(() => {})
    if (container.termination !== undefined) return
    // Two signals and no end that anybody saw: removal by force settles it, or it may still run.
    const isGone = !this.#deps.closing.aborted && await this.#confirmGone(container)
    if (!isGone && this.#deps.closing.aborted) return             // the next run of the agent goes on with it
    const error = isGone ? undefined : new AgentError('MAY_STILL_RUN', 'the engine did not confirm its end')
    container.end({ exitCode: undefined, oomKilled: false, error, mayStillRun: !isGone })
  }

  async #confirmGone (container: Container, waitMs = confirmMs): Promise<boolean> {
    using deadline = startDeadline(this.#deps.closing, waitMs, () => new AgentError('MAY_STILL_RUN', 'not confirmed in time'))
    return await this.#remove(container, deadline.signal).then(() => true, () => false)
  }

  /** Until nothing is left of it. */
  async #remove (container: Container, signal: AbortSignal): Promise<void> {
    await removeUntilGone(container.spec.name, this.#deps, signal)
    if (!container.isCutOff) return
    container.isCutOff = false
    await this.#deps.remnants.clear(container.engineId)
  }
}
