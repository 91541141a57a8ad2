import { deferred } from '../base/deferred.ts'
import { bootId, type Instant } from '../base/boot-clock.ts'
import type { AgentError } from '../model/errors.ts'
import { next, type Move, type State } from '../model/lifecycle.ts'
import type { ContainerLimits, ContainerSpec } from '../model/container-spec.ts'
import type { Inspected } from '../model/inspected.ts'
import type { FetchProgress } from '../model/uri.ts'
import { launchLimits } from './kernel-limits.ts'
import type { Change } from '../store/checkpoint.ts'
import type { LogFiles } from './sandbox.ts'
import { Timeline, type StageRecord } from './timeline.ts'

/** How a container came not to run. */
export interface Termination {
  /** undefined: it never ran, or nobody could tell. */
  readonly exitCode: number | undefined
  readonly oomKilled: boolean
  /** Why it could not be launched, was lost, or cannot be confirmed to be gone. */
  readonly error: AgentError | undefined
  /** The engine has not confirmed that it does not run; its resources stay withheld until `gone`. */
  readonly mayStillRun: boolean
  /** Its processes are gone, as the kernel tells: the engine did not answer. */
  readonly isPastEngine?: true
}

/** Who is told of what happens to a container. */
export interface ContainerWatcher {
  moved (container: Container, from: State | undefined): void
  stageMoved (container: Container, record: StageRecord): void
  /** How it ended is known. */
  ended (container: Container): void
}

/** What an earlier run of the agent knew of it. */
export interface Past {
  readonly state: State
  readonly acceptedAtMs: number
  readonly bootId: string
  readonly stages: readonly StageRecord[]
  /** An update was under way, and its limits are those that it has from now on. */
  readonly tookUpdate: boolean
}

/** What may go with a container besides its description. */
export interface LaunchExtras {
  /** Asked just before it is created, for what goes into its environment besides. `gateway` is the host's address on its network, where there is one. */
  readonly lateEnvironment?: (gateway: string | undefined) => Promise<Record<string, string>>
  /** Written down with it, in one transaction. */
  readonly alongside?: readonly Change[]
  readonly past?: Past
}

/** One container and the one place where its state changes. */
export class Container {
  readonly spec: ContainerSpec
  readonly priority: number
  readonly extras: LaunchExtras
  readonly acceptedAtMs: number
  /** The boot of the host under which it was accepted: it runs under no other. */
  readonly bootId: string
  /** An earlier run of the agent began it. */
  readonly isFromBefore: boolean
  readonly timeline: Timeline
  /** Aborts the launch; its reason is what the launch fails with. */
  readonly launch = new AbortController()
  /** The engine has its image. */
  readonly imageReady = deferred()
  /** Its start was never answered: more of it may run than its engine knows of. */
  isCutOff = false
  /** Its launch has succeeded, whatever came then. */
  hasComeUp = false
  /** Settles with the launch: rejects with why it failed. */
  readonly running = deferred()
  /** It does not run, or not any more. */
  readonly ended = deferred<Termination>()
  /** Its output is complete in the sandbox, or will never be. */
  readonly piped = deferred()
  /** The engine has confirmed that it is removed. */
  readonly gone = deferred()
  /** The grace is over: SIGKILL comes next. */
  readonly hurry = deferred()
  /** The engine's id, known once it is created. */
  engineId: string | undefined
  logFiles: LogFiles | undefined
  /** What the engine told of it once it was started; it may come late, or never. */
  inspected: Inspected | undefined
  /** Settles when that has come, or will not. */
  readonly looked = deferred()
  /** How far the fetch is, while there is one. */
  fetchProgress: FetchProgress | undefined
  /** Time between SIGTERM and SIGKILL; a kill may shorten it. */
  graceMs: number
  /** When its end was begun. */
  stoppedAt: Instant | undefined
  /** What it may use: as it was launched, or as it was updated since. */
  limits: ContainerLimits
  /** Other limits that may be in force instead: an update is under way, or was when an earlier run of the agent ended. */
  updating: ContainerLimits | undefined
  /** Settles when the engine has answered the update that was given up last, and what it did of that is undone. */
  undone: Promise<void> = Promise.resolve()
  termination: Termination | undefined
  #state: State
  readonly #watcher: ContainerWatcher

  constructor (spec: ContainerSpec, priority: number, watcher: ContainerWatcher, extras: LaunchExtras = {}) {
    this.spec = spec
    this.priority = priority
    const { past } = this.extras = extras
    this.graceMs = spec.graceMs
    this.limits = launchLimits(spec)
    this.acceptedAtMs = past?.acceptedAtMs ?? Date.now()
    this.bootId = past?.bootId ?? bootId()
    this.isFromBefore = past !== undefined
    this.#state = past?.state ?? 'queued'
    this.#watcher = watcher
    this.timeline = new Timeline(record => { watcher.stageMoved(this, record) }, past?.stages)
    this.running.promise.catch(() => {})
    watcher.moved(this, undefined)
  }

  get id (): string { return this.spec.containerId }
  get state (): State { return this.#state }

  move (event: Move): void {
    const from = this.#state
    this.#state = next(from, event)
    this.#watcher.moved(this, from)
  }

  /** Only the first word on how it ended counts. */
  end (termination: Termination): void {
    if (this.termination !== undefined) return
    this.termination = termination
    this.#watcher.ended(this)
    this.ended.resolve(termination)
  }
}
