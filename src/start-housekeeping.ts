import { poolFolders, type AllMetrics } from './all-metrics.ts'
import type { CleanupStack } from './base/cleanup-stack.ts'
import { settlesWithin } from './base/deadline.ts'
import type { Log } from './base/log.ts'
import type { Containerizer } from './containerizer/containerizer.ts'
import { ImageGc } from './containerizer/image-gc.ts'
import { SandboxGc } from './containerizer/sandbox-gc.ts'
import { openEngine } from './engine/docker-engine.ts'
import { AgentError, messageOf } from './model/errors.ts'
import { parseImage } from './model/image-reference.ts'
import type { Config } from './model/settings.ts'
import { startPool } from './pool/pool.ts'

export interface HousekeepingNeeds {
  readonly config: Config
  readonly metrics: AllMetrics
  readonly workDir: string
  readonly containerizer: Containerizer
  readonly log: Log
}

const jobs = 4
const cancelMs = 5_000
const endMs = 5_000

/** Keeps the disks of the work directory and of the engine from filling up; ends with the stack. */
export function startHousekeeping ({ config, metrics, workDir, containerizer, log }: HousekeepingNeeds, opened: CleanupStack): void {
  check(config)
  const ending = new AbortController()
  const pool = opened.use(startPool({
    name: 'tidy', threads: 1, jobsPerThread: jobs, cancelMs, log, metrics: metrics.pools,
    entry: new URL(`../workers/${poolFolders.tidy}/entry.js`, import.meta.url),
  }))
  const works = [new SandboxGc({
    pool, workDir, log, metrics: metrics.containerizer,
    delayMs: config.gcDelay, diskHeadroom: config.gcDiskHeadroom, everyMs: config.diskWatchInterval,
    isAlive: containerId => containerizer.has(containerId),
  }).watch(ending.signal)]
  if (config.imageGcHigh !== undefined) {
    works.push(new ImageGc({
      pool, log, engine: openEngine({ socketPath: config.dockerSocket, metrics: metrics.engine }), metrics: metrics.containerizer,
      high: config.imageGcHigh, low: config.imageGcLow, keep: config.imageGcKeep, everyMs: config.imageGcInterval,
      removeImage: image => containerizer.removeImage(image),
    }).watch(ending.signal))
  }
  opened.defer(async () => {
    ending.abort(new AgentError('CANCELLED', 'the agent is shutting down'))
    await settlesWithin(Promise.all(works), endMs)
  })
}

function check ({ imageGcHigh: high, imageGcLow: low, imageGcKeep: keep }: Config): void {
  for (const name of keep) {
    try {
      if (!name.endsWith('*')) parseImage(name)
    } catch (error) {
      throw new AgentError('SETTING_INVALID', `imageGcKeep: ${messageOf(error)}`)
    }
  }
  if (high === undefined || low <= high) return
  throw new AgentError('SETTING_INVALID', `imageGcLow (${low}) must not be above imageGcHigh (${high})`)
}
