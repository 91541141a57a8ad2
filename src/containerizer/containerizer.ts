import { delay, race, settlesWithin } from '../base/deadline.ts'
import { instant } from '../base/boot-clock.ts'
import type { ExecCommand, ListedImage } from '../engine/port.ts'
import { labels, type ContainerLimits, type ContainerSpec } from '../model/container-spec.ts'
import { AgentError } from '../model/errors.ts'
import type { TcpSocket } from '../model/tcp-socket.ts'
import type { PullProgress } from '../model/pull-progress.ts'
import type { State } from '../model/lifecycle.ts'
import type { ContainerRecord } from '../store/records.ts'
import { awaitRegistration } from './await-registration.ts'
import { Container, type ContainerWatcher, type LaunchExtras } from './container.ts'
import { fromRecord } from './container-record.ts'
import { makeParts, type ContainerizerOptions, type Parts } from './containerizer-parts.ts'
import type { FetchCache } from './fetch-cache/fetch-cache.ts'
import { lookAt } from './look-at.ts'
import type { Usages } from './usage.ts'

const closeMs = 60_000
const networksMs = 5_000
/** The time that launches have to be undone when the agent goes and its containers stay. */
const leaveMs = 1_000

export class Containerizer {
  readonly #options: ContainerizerOptions
  readonly #containers = new Map<string, Container>()
  readonly #closing = new AbortController()
  readonly #parts: Parts
  #watching: Promise<unknown> = Promise.resolve()
  #waiting = 0
  #isClosed = false
  #closed: Promise<void> | undefined

  constructor (options: ContainerizerOptions) {
    this.#options = options
    this.#parts = makeParts(options, this.#containers, this.#closing.signal)
  }

  /**
   * Takes a container on and answers at once; follow `running`, `ended` and `gone`. It is written down before anything of it is made, in one
   * transaction with what the caller wants to find again with it. Throws QUEUE_FULL, CANCELLED once closed, or why nothing can be written down.
   */
  launch (spec: ContainerSpec, priority: number, extras?: LaunchExtras): Container {
    if (this.#isClosed) throw new AgentError('CANCELLED', 'the agent is shutting down')
    if (this.#waiting >= this.#options.queueLimit) throw new AgentError('QUEUE_FULL', `${this.#waiting} launches are waiting already`)
    if (this.#parts.kept.fault !== undefined) throw AgentError.wrap(this.#parts.kept.fault, 'no task can be taken on')
    const container = new Container(spec, priority, this.#watcher(), extras)
    this.#containers.set(container.id, container)
    this.#parts.kept.note(container, extras?.alongside)
    void this.#watchOver(container, this.#parts.life.live(container))
    return container
  }

  /** Goes on with the containers of an earlier run, each as soon as it is known what the engine has of it; to be called before `open`. */
  recover (records: ReadonlyMap<string, ContainerRecord>): ReadonlyMap<string, Container> {
    if (records.size > 0) this.startThreads()
    for (const [id, record] of records) {
      const container = fromRecord(record, 0, this.#watcher())
      this.#containers.set(id, container)
      const found = this.#parts.firstList.promise.then(all => all.get(id))
      void this.#watchOver(container, this.#parts.life.resume(container, record.phase, found))
    }
    return new Map(this.#containers)
  }

  /** Has those threads ready that a launch or a kill would wait for. The others begin with their first jobs: they are not always needed, nor at once. */
  startThreads (): void {
    const { logs, cgroup } = this.#options.pools
    for (const pool of [logs, cgroup]) pool.start()
  }

  #watcher (): ContainerWatcher {
    return {
      moved: (container, from) => { this.#onMove(container, from) },
      ended: container => { this.#parts.kept.note(container) },
      stageMoved: (container, { stage, outcome, queueMs, durationMs }) => {
        this.#options.onEvent({ kind: 'stage', ...idsOf(container), stage, outcome, queueMs, durationMs })
      },
    }
  }

  async #watchOver (container: Container, life: Promise<void>): Promise<void> {
    try {
      await life
    } catch (error) {
      if (!this.#closing.signal.aborted) this.#options.log.error({ containerId: container.id, error }, 'a container was lost track of')
    } finally {
      this.#containers.delete(container.id)
    }
  }

  /** Ends a container in whatever state it is; back when it is confirmed gone. Again with a shorter grace hurries it. */
  destroy (container: Container, graceMs: number, why: string): Promise<void> {
    return this.#parts.life.destroy(container, graceMs, why)
  }

  /** Runs a command in a running container; its exit code. The signal ends the waiting. */
  exec ({ spec }: Container, command: ExecCommand, signal: AbortSignal): Promise<number> {
    const { engine } = this.#options
    return this.#parts.lanes.run({ stage: 'exec', priority: 0 }, callSignal => engine.exec(spec.name, command, callSignal), signal)
  }

  /** Stage register: waits until what runs in the container has told of itself. STAGE_TIMEOUT, or CANCELLED when the container has ended. */
  register (container: Container, registered: Promise<void>): Promise<void> { return awaitRegistration(container, registered, this.#parts.lanes) }

  /** Asks the engine again for what it did not tell when the container was started. */
  async look (container: Container, signal: AbortSignal): Promise<void> {
    await race(lookAt(container, this.#options.engine, { lanes: this.#parts.lanes, log: this.#options.log }), signal)
  }
  /** What containers that run use, all in one pass. Asked again soon, the answer is the same. */
  usages (): Promise<Usages> { return this.#parts.usage.read() }

  /** New limits for a container that runs; `container.limits` has them when it is done. Throws UPDATE_REFUSED where they cannot be. */
  async update (container: Container, limits: ContainerLimits): Promise<void> {
    await this.#parts.updates.update(container, limits)
  }

  /** Which of these containers has the socket open; undefined: none of them. Throws when that cannot be found out in time. */
  socketOwner (containers: readonly Container[], socket: TcpSocket): Promise<Container | undefined> {
    return this.#parts.socketOwners.find(containers, socket)
  }

  /** Files that tasks of one user share. */
  get fetchCache (): FetchCache { return this.#options.fetchCache }

  /** Removes an image, unless a launch or a pull wants it; whether it did. */
  removeImage (image: ListedImage): Promise<boolean> { return this.#parts.images.remove(image) }

  /** Whether there is a container of this id that is not confirmed gone. */
  has (containerId: string): boolean { return this.#containers.has(containerId) }

  /** How far the pull of an image is, while there is one. */
  pullProgress (image: string): PullProgress | undefined { return this.#parts.pulls.progress(image) }

  /**
   * Finds what an earlier run of this instance left, removes what is nobody's, and watches over ours until closed. Throws when the engine does not
   * answer; watches all the same.
   */
  async open (signal: AbortSignal): Promise<void> {
    const { exits, engineWatch, networks } = this.#parts
    const { signal: closing } = this.#closing
    const isWatched = engineWatch.watch(closing)
    const listening = exits.listen(closing)         // first: what happens while the engine lists is heard
    try {
      await exits.poll(signal)
      await delay(0)          // by then it is decided what becomes of each container that was listed
    } finally {
      this.#watching = Promise.all([isWatched, listening, exits.pollOn(closing), networks.watch()])
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
    await this.#parts.networks.settles(networksMs)
    await this.#end()
  }

  /** Leaves what runs alone, for the next run of the agent; launches under way are undone, as far as that goes in no time. */
  leave (): Promise<void> {
    return this.#closed ??= this.#leave()
  }

  async #leave (): Promise<void> {
    this.#isClosed = true
    const launching = [...this.#containers.values()].filter(({ state }) => waits(state))
    const undone = Promise.all(launching.map(container => startsAlready(container)
      ? container.running.promise.catch(() => {})
      : this.destroy(container, 0, 'the agent is shutting down')))
    if (!await settlesWithin(undone, leaveMs)) this.#options.log.warn({}, 'launches are left half-way; the next run of the agent undoes them')
    await this.#end()
  }

  async #end (): Promise<void> {
    this.#closing.abort(new AgentError('CANCELLED', 'the agent is shutting down'))
    this.#parts.pipes.leave()
    await race(this.#watching, AbortSignal.timeout(closeMs)).catch(() => {})
  }

  #onMove (container: Container, from: State | undefined): void {
    const { metrics, log, onEvent } = this.#options
    if (waits(container.state)) this.#waiting++
    if (from !== undefined && waits(from)) this.#waiting--
    if (container.state === 'stopping') container.stoppedAt ??= instant()
    if (container.state === 'gone') this.#parts.kept.forget(container)
    else if (from !== undefined) this.#parts.kept.note(container)
    metrics.moved(from, container.state)
    log.debug({ containerId: container.id, from, to: container.state }, 'container moved')
    onEvent({ kind: 'container', ...idsOf(container), from, to: container.state })
  }
}

function idsOf ({ id, spec }: Container): { containerId: string, taskId: string | undefined, frameworkId: string | undefined } {
  return { containerId: id, taskId: spec.labels[labels.task], frameworkId: spec.labels[labels.framework] }
}

/** Its start cannot be un-sent: what comes up is left running, like all that runs. */
function startsAlready ({ state, timeline }: Container): boolean { return state === 'launching' && timeline.hasBegun('start') }

function waits (state: State): boolean {
  return state === 'queued' || state === 'launching'
}
