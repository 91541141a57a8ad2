import { EngineRuns } from '../engine/engine-runs.ts'
import type { Engine, Listed } from '../engine/port.ts'
import { deferred, type Deferred } from '../base/deferred.ts'
import type { Log } from '../base/log.ts'
import type { AgentEvent } from '../model/agent-event.ts'
import type { EngineCondition } from '../model/engine-condition.ts'
import type { AgentError } from '../model/errors.ts'
import type { Pool } from '../pool/pool.ts'
import type { Checkpoint } from '../store/checkpoint.ts'
import type { Container } from './container.ts'
import { ContainerLife } from './container-life.ts'
import type { CredentialSettings } from './credentials.ts'
import { engineDisk } from './engine-disk.ts'
import { EngineWatch } from './engine-watch.ts'
import { ExitWatch } from './exit-watch.ts'
import type { FetchCache } from './fetch-cache/fetch-cache.ts'
import type { FetchSettings } from './fetch-into.ts'
import { familiarName, ImageRemovals } from './image-removals.ts'
import { ImagePulls } from './image-pulls.ts'
import { KeptContainers } from './kept-containers.ts'
import { KernelSignals } from './kernel-signals.ts'
import { createLanes, type LanesOptions, type OperationLanes } from './lanes.ts'
import { LogPipes, type LogSettings } from './log-pipes.ts'
import type { ContainerizerMetrics } from './metrics.ts'
import { Networks } from './networks.ts'
import { SocketOwners } from './socket-owner.ts'
import { Remnants } from './remnants.ts'
import { Sweep } from './sweep.ts'
import { LimitUpdates } from './update-limits.ts'
import { UsageReader } from './usage.ts'

export interface ContainerizerOptions {
  readonly engine: Engine
  readonly socketPath: string
  readonly pools: Readonly<Record<'pull' | 'logs' | 'fetch' | 'cgroup' | 'limits', Pool>>
  readonly metrics: ContainerizerMetrics
  readonly checkpoint: Checkpoint
  readonly log: Log
  /** Containers with this id in their label `slipway.agent` are ours, and no others. */
  readonly instanceId: string
  readonly lanes: Omit<LanesOptions, 'metrics' | 'closing' | 'onResult'>
  readonly launchTimeoutMs: number
  readonly pullStallMs: number
  readonly fetching: FetchSettings
  readonly fetchCache: FetchCache
  readonly credentials: CredentialSettings
  readonly logs: LogSettings
  readonly queueLimit: number
  readonly pollMs: number
  /** Told of every move, stage by stage; must not throw. */
  readonly onEvent: (event: AgentEvent) => void
}

/** What a containerizer is made of. */
export interface Parts {
  readonly kept: KeptContainers
  readonly lanes: OperationLanes
  readonly engineWatch: EngineWatch
  readonly pulls: ImagePulls
  readonly images: ImageRemovals
  readonly pipes: LogPipes
  readonly networks: Networks
  readonly exits: ExitWatch
  readonly life: ContainerLife
  readonly usage: UsageReader
  readonly updates: LimitUpdates
  readonly socketOwners: SocketOwners
  /** What the engine has of ours, by the container's id, as soon as it has said so. */
  readonly firstList: Deferred<ReadonlyMap<string, Listed>>
}

const networkCallMs = 30_000
const pollsPerNetworkSweep = 20

/** Makes the parts and joins them; nothing of them has begun yet. `closing` ends what they do. */
export function makeParts (options: ContainerizerOptions, containers: ReadonlyMap<string, Container>, closing: AbortSignal): Parts {
  const { engine, metrics, log, socketPath, pools, instanceId, pollMs } = options
  const kept = new KeptContainers(options.checkpoint)
  const lanes = createLanes({ ...options.lanes, metrics, onResult: engineDisk(log, metrics), closing })
  const engineWatch = new EngineWatch({ engine, log, onChange: (condition, trouble) => { tellOfEngine(options, lanes, { condition, trouble }) } })
  const images: ImageRemovals = new ImageRemovals({
    engine, lanes, closing,
    isWanted: name => pulls.has(name) || [...containers.values()].some(({ spec: { image } }) => familiarName(image) === familiarName(name)),
  })
  const pulls: ImagePulls = new ImagePulls({
    engine, lanes, pool: pools.pull, socketPath, metrics, stallMs: options.pullStallMs, leaving: name => images.leaving(name),
  })
  const notice = (container: Container): void => { exits.notice(container) }
  const engineRuns = new EngineRuns(socketPath)
  closing.addEventListener('abort', () => { engineRuns[Symbol.dispose]() }, { once: true })
  const pipes = new LogPipes({
    pool: pools.logs, socketPath, metrics, log, settings: options.logs, engineWatch, engineRuns, closing,
    onEnd: notice, engineLostSince: ms => exits.lostSince(ms),
  })
  const networks = new Networks({
    engine, lanes, log, instanceId, closing,
    callMs: Math.min(networkCallMs, options.lanes.limits.create.timeoutMs), sweepMs: pollMs * pollsPerNetworkSweep,
  })
  const remnants = new Remnants({ pool: pools.cgroup, lanes, log, metrics, closing })
  const sweep = new Sweep({ engine, lanes, log, metrics, remnants }, closing)
  const firstList = deferred<ReadonlyMap<string, Listed>>()
  const exits = new ExitWatch({
    engine, socketPath, lanes, log, metrics, instanceId, containers, pollMs, engineWatch,
    onOrphan: one => { sweep.remove(one) }, onList: found => { firstList.resolve(found) },
  })
  const kernel = new KernelSignals({ pool: pools.cgroup, lanes, log, metrics, closing, notice })
  const usage = new UsageReader({ pool: pools.cgroup, lanes, containers, closing })
  metrics.usageFrom(() => usage.totals())
  const updates = new LimitUpdates({ engine, lanes, pools, metrics, kept, log, closing })
  const life = new ContainerLife({
    ...options, kept, updates, lanes, pipes, kernel, remnants, networks, pulls, exits, engineWatch, killWaitMs: options.lanes.limits.kill.timeoutMs, closing,
  })
  const socketOwners = new SocketOwners(pools.cgroup, closing)
  return { kept, lanes, engineWatch, pulls, images, pipes, networks, exits, life, usage, updates, socketOwners, firstList }
}

interface EngineNews { readonly condition: EngineCondition, readonly trouble: AgentError | undefined }

function tellOfEngine ({ metrics, onEvent }: ContainerizerOptions, lanes: OperationLanes, { condition, trouble }: EngineNews): void {
  metrics.engine.changed(condition)
  lanes.engineTrouble(trouble)
  onEvent({ kind: 'engine', condition })
}
