import { poolFolders, type AllMetrics, type PoolName } from './all-metrics.ts'
import type { CleanupStack } from './base/cleanup-stack.ts'
import type { Log } from './base/log.ts'
import { Containerizer } from './containerizer/containerizer.ts'
import { openEngine } from './engine/docker-engine.ts'
import { lanesFrom } from './lane-limits.ts'
import type { AgentEvent } from './model/agent-event.ts'
import type { Config } from './model/settings.ts'
import { cacheJobs, fetchSettings, openFetchCache } from './open-fetch-cache.ts'
import { startPool, type Pool } from './pool/pool.ts'
import type { Checkpoint } from './store/checkpoint.ts'

export interface ContainerizerNeeds {
  readonly config: Config
  readonly metrics: AllMetrics
  readonly workDir: { readonly path: string, readonly instanceId: string }
  readonly checkpoint: Checkpoint
  /** JSON; undefined: the engine's own. */
  readonly seccompProfile: string | undefined
  readonly log: Log
  readonly onEvent: (event: AgentEvent) => void
}

const workerCancelMs = 5_000
/** Streams that one log worker carries at once: more than a host has containers, since each holds its place until its container ends. */
const pipesPerThread = 10_000
const cgroupJobs = 64

/** The containerizer with its engine and its worker threads; what it opened ends with the stack. */
export function openContainerizer (needs: ContainerizerNeeds, opened: CleanupStack): Containerizer {
  const { config, metrics, workDir: { path: workDir, instanceId }, checkpoint, seccompProfile, log, onEvent } = needs
  const socketPath = config.dockerSocket
  const engineLog = { maxSizeBytes: config.logMaxSize, maxFiles: config.logMaxFile }
  const pool = (name: PoolName, threads: number, jobsPerThread: number): Pool => opened.use(startPool({
    name, threads, jobsPerThread, cancelMs: workerCancelMs, log, metrics: metrics.pools,
    entry: new URL(`../workers/${poolFolders[name]}/entry.js`, import.meta.url),
  }))
  // What used up its time gives its place in the lane away, and may hold on to the one at its worker for a while.
  const places = (concurrency: number): number => concurrency + config.quarantineLimit
  const pools = {
    pull: pool('pull', config.pullThreads, places(config.pullConcurrency)),
    logs: pool('logs', config.logThreads, pipesPerThread),
    fetch: pool('fetch', config.fetchThreads, places(config.fetchConcurrency) + cacheJobs(config)),
    cgroup: pool('cgroup', 1, cgroupJobs),
    limits: pool('limits', 1, cgroupJobs),
  }
  return new Containerizer({
    engine: openEngine({ socketPath, log: engineLog, seccompProfile, metrics: metrics.engine }),
    socketPath,
    pools,
    metrics: metrics.containerizer,
    checkpoint,
    log,
    instanceId,
    lanes: lanesFrom(config),
    launchTimeoutMs: config.launchTimeout,
    pullStallMs: config.pullStallTimeout,
    fetching: fetchSettings(config),
    fetchCache: openFetchCache({ config, workDir, instanceId, pool: pools.fetch, metrics: metrics.containerizer.fetchCache, log }),
    credentials: { dockerConfig: config.dockerConfig, taskHelpers: config.allowCredentialHelpers },
    logs: {
      fillMs: config.logFillTimeout,
      holdMs: config.logHoldTimeout,
      engineLogBytes: config.logMaxSize * Math.max(1, config.logMaxFile - 1),
      rotation: { maxBytes: config.sandboxLogMaxSize, maxFiles: config.sandboxLogMaxFiles },
    },
    queueLimit: config.queueLimit,
    pollMs: config.exitPollInterval,
    onEvent,
  })
}
