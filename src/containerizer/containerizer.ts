import { race, settlesWithin } from '../base/deadline.ts'
import type { Log } from '../base/log.ts'
import type { Engine, ExecCommand, ListedImage } from '../engine/port.ts'
import type { AgentEvent } from '../model/agent-event.ts'
import type { EngineCondition } from '../model/engine-condition.ts'
import { labels, type ContainerLimits, type ContainerSpec } from '../model/container-spec.ts'
import { AgentError } from '../model/errors.ts'
import type { TcpSocket } from '../model/tcp-socket.ts'
import type { PullProgress } from '../model/pull-progress.ts'
import type { State } from '../model/lifecycle.ts'
import type { Pool } from '../pool/pool.ts'
import { Container, type LaunchExtras } from './container.ts'
import { ContainerLife } from './container-life.ts'
import { engineDisk } from './engine-disk.ts'
import { EngineWatch } from './engine-watch.ts'
import { ExitWatch } from './exit-watch.ts'
import { ImagePulls } from './image-pulls.ts'
import { awaitRegistration } from './await-registration.ts'
import type { CredentialSettings } from './credentials.ts'
import { familiarName, ImageRemovals } from './image-removals.ts'
import { KernelSignals } from './kernel-signals.ts'
import { createLanes, type LanesOptions, type OperationLanes } from './lanes.ts'
import { LogPipes, type LogSettings } from './log-pipes.ts'
import { lookAt } from './look-at.ts'
import type { ContainerizerMetrics } from './metrics.ts'
import { Networks } from './networks.ts'
import { SocketOwners } from './socket-owner.ts'
import { Sweep } from './sweep.ts'
import { LimitUpdates } from './update-limits.ts'
import { UsageReader, type Usages } from './usage.ts'

export interface ContainerizerOptions {
  readonly engine: Engine
  readonly socketPath: string
  readonly pools: Readonly<Record<'pull' | 'logs' | 'fetch' | 'cgroup' | 'limits', Pool>>
  readonly metrics: ContainerizerMetrics
  readonly log: Log
  /** Containers with this id in their label `slipway.agent` are ours, and no others. */
  readonly instanceId: string
  readonly lanes: Omit<LanesOptions, 'metrics' | 'closing' | 'onResult'>
  readonly launchTimeoutMs: number
  readonly pullStallMs: number
  readonly fetchStallMs: number
  readonly credentials: CredentialSettings
  readonly logs: LogSettings
  readonly queueLimit: number
  readonly pollMs: number
  /** Told of every move, stage by stage; must not throw. */
  readonly onEvent: (event: AgentEvent) => void
}

const closeMs = 60_000
const networksMs = 5_000
const networkCallMs = 30_000
const pollsPerNetworkSweep = 20

export class Containerizer {
  readonly #options: ContainerizerOptions
  readonly #containers = new Map<string, Container>()
  readonly #lanes: OperationLanes
  readonly #engine: EngineWatch
  readonly #pulls: ImagePulls
  readonly #images: ImageRemovals
  readonly #exits: ExitWatch
  readonly #life: ContainerLife
  readonly #networks: Networks
  readonly #usage: UsageReader
  readonly #updates: LimitUpdates
  readonly #socketOwners: SocketOwners
  readonly #closing = new AbortController()
  #watching: Promise<unknown> = Promise.resolve()
  #waiting = 0
  #isClosed = false
  #closed: Promise<void> | undefined

  constructor (options: ContainerizerOptions) {
    this.#options = options
    const { engine, metrics, log, socketPath, pools } = options
    const lanes = createLanes({ ...options.lanes, metrics, onResult: engineDisk(log, metrics), closing: this.#closing.signal })
    this.#lanes = lanes
    this.#engine = new EngineWatch({ engine, log, onChange: (condition, trouble) => { this.#engineChanged(condition, trouble) } })
    this.#images = new ImageRemovals({ engine, lanes, closing: this.#closing.signal, isWanted: name => this.#wants(name) })
    this.#pulls = new ImagePulls({
      engine, lanes, pool: pools.pull, socketPath, metrics, stallMs: options.pullStallMs, leaving: name => this.#images.leaving(name),
    })
    const pipes = new LogPipes({
      pool: pools.logs, socketPath, metrics, log, settings: options.logs, engineWatch: this.#engine, closing: this.#closing.signal,
      onEnd: container => { this.#exits.notice(container) },
      engineLostSince: ms => this.#exits.lostSince(ms),
    })
    this.#networks = new Networks({
      engine, lanes, log, instanceId: options.instanceId, closing: this.#closing.signal,
      callMs: Math.min(networkCallMs, options.lanes.limits.create.timeoutMs), sweepMs: options.pollMs * pollsPerNetworkSweep,
    })
    const sweep = new Sweep({ engine, lanes, log, metrics }, this.#closing.signal)
    this.#exits = new ExitWatch({
      engine, lanes, log, metrics, instanceId: options.instanceId, containers: this.#containers, pollMs: options.pollMs,
      engineWatch: this.#engine,
      onOrphan: one => { sweep.remove(one) },
    })
    const kernel = new KernelSignals({
      pool: pools.cgroup, lanes, log, metrics, closing: this.#closing.signal, notice: container => { this.#exits.notice(container) },
    })
    this.#usage = new UsageReader({ pool: pools.cgroup, lanes, containers: this.#containers, closing: this.#closing.signal })
    this.#updates = new LimitUpdates({ engine, lanes, pools, log, metrics, closing: this.#closing.signal })
    this.#socketOwners = new SocketOwners(pools.cgroup, this.#closing.signal)
    metrics.usageFrom(() => this.#usage.totals())
    this.#life = new ContainerLife({
      ...options, lanes, pipes, kernel, networks: this.#networks, pulls: this.#pulls, exits: this.#exits, engineWatch: this.#engine,
      killWaitMs: options.lanes.limits.kill.timeoutMs, closing: this.#closing.signal,
    })
  }

  /** Takes a container on and answers at once; follow `running`, `ended` and `gone`. Throws QUEUE_FULL, or CANCELLED once closed. */
  launch (spec: ContainerSpec, priority: number, extras?: LaunchExtras): Container {
    if (this.#isClosed) throw new AgentError('CANCELLED', 'the agent is shutting down')
    if (this.#waiting >= this.#options.queueLimit) throw new AgentError('QUEUE_FULL', `${this.#waiting} launches are waiting already`)
    const container = new Container(spec, priority, {
      moved: (moved, from) => { this.#onMove(moved, from) },
      stageMoved: (moved, { stage, outcome, queueMs, durationMs }) => {
        this.#options.onEvent({ kind: 'stage', ...idsOf(moved), stage, outcome, queueMs, durationMs })
      },
    }, extras)
    this.#containers.set(container.id, container)
    void this.#watchOver(container)
    return container
  }

  async #watchOver (container: Container): Promise<void> {
    try {
      await this.#life.live(container)
    } catch (error) {
      if (!this.#closing.signal.aborted) this.#options.log.error({ containerId: container.id, error }, 'a container was lost track of')
    } finally {
      this.#containers.delete(container.id)
    }
  }

  /** Ends a container in whatever state it is; back when it is confirmed gone. Again with a shorter grace hurries it. */
  destroy (container: Container, graceMs: number, why: string): Promise<void> {
    return this.#life.destroy(container, graceMs, why)
  }

  /** Runs a command in a running container; its exit code. The signal ends the waiting. */
  exec ({ spec }: Container, command: ExecCommand, signal: AbortSignal): Promise<number> {
    const { engine } = this.#options
    return this.#lanes.run({ stage: 'exec', priority: 0 }, callSignal => engine.exec(spec.name, command, callSignal), signal)
  }

  /** Stage register: waits until what runs in the container has told of itself. STAGE_TIMEOUT, or CANCELLED when the container has ended. */
  register (container: Container, registered: Promise<void>): Promise<void> { return awaitRegistration(container, registered, this.#lanes) }

  /** Asks the engine again for what it did not tell when the container was started. */
  async look (container: Container, signal: AbortSignal): Promise<void> {
    await race(lookAt(container, this.#options.engine, { lanes: this.#lanes, log: this.#options.log }), signal)
  }
  /** What containers that run use, all in one pass. Asked again soon, the answer is the same. */
  usages (): Promise<Usages> { return this.#usage.read() }

  /** New limits for a container that runs; `container.limits` has them when it is done. Throws UPDATE_REFUSED where they cannot be. */
  update (container: Container, limits: ContainerLimits): Promise<void> { return this.#updates.update(container, limits) }

  /** Which of these containers has the socket open; undefined: none of them. Throws when that cannot be found out in time. */
  socketOwner (containers: readonly Container[], socket: TcpSocket): Promise<Container | undefined> {
    return this.#socketOwners.find(containers, socket)
  }

  /** Removes an image, unless a launch or a pull wants it; whether it did. */
  removeImage (image: ListedImage): Promise<boolean> { return this.#images.remove(image) }

  #wants (name: string): boolean {
    return this.#pulls.has(name) || [...this.#containers.values()].some(({ spec: { image } }) => familiarName(image) === familiarName(name))
  }

  /** Whether there is a container of this id that is not confirmed gone. */
  has (containerId: string): boolean { return this.#containers.has(containerId) }

  /** How far the pull of an image is, while there is one. */
  pullProgress (image: string): PullProgress | undefined { return this.#pulls.progress(image) }

  /** Removes what an earlier run of this instance left, and watches over ours until closed. Throws when the engine does not answer; watches all the same. */
  async open (signal: AbortSignal): Promise<void> {
    const { signal: closing } = this.#closing
    const isWatched = this.#engine.watch(closing)
    try {
      await this.#exits.poll(signal)
    } finally {
      this.#watching = Promise.all([isWatched, this.#exits.watch(closing), this.#networks.watch()])
    }
  }

  /** Destroys all that is left, within `graceMs` and a bound. Again is the same close, not another wait. */
  close (graceMs: number): Promise<void> {
    return this.#closed ??= this.#close(graceMs)
  }

  async #close (graceMs: number): Promise<void> {
    this.#isClosed = true
    const all = Promise.all([...this.#containers.values()].map(container => this.destroy(container, graceMs, 'the agent is shutting down')))
    if (!await settlesWithin(all, graceMs + closeMs)) this.#options.log.error({ left: this.#containers.size }, 'containers are left behind')
    await this.#networks.settles(networksMs)
    this.#closing.abort(new AgentError('CANCELLED', 'the agent is shutting down'))
    await race(this.#watching, AbortSignal.timeout(closeMs)).catch(() => {})
  }

  #engineChanged (condition: EngineCondition, trouble: AgentError | undefined): void {
    const { metrics, onEvent } = this.#options
    metrics.engine.changed(condition)
    this.#lanes.engineTrouble(trouble)
    onEvent({ kind: 'engine', condition })
  }

  #onMove (container: Container, from: State | undefined): void {
    const { metrics, log, onEvent } = this.#options
    if (waits(container.state)) this.#waiting++
    if (from !== undefined && waits(from)) this.#waiting--
    metrics.moved(from, container.state)
    log.debug({ containerId: container.id, from, to: container.state }, 'container moved')
    onEvent({ kind: 'container', ...idsOf(container), from, to: container.state })
  }
}

function idsOf ({ id, spec }: Container): { containerId: string, taskId: string | undefined, frameworkId: string | undefined } {
  return { containerId: id, taskId: spec.labels[labels.task], frameworkId: spec.labels[labels.framework] }
}

function waits (state: State): boolean {
  return state === 'queued' || state === 'launching'
}
