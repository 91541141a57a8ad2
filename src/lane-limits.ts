import type { LaneLimits, LanesOptions } from './containerizer/lanes.ts'
import type { Config } from './model/settings.ts'

/** Nothing to wait for: the stage has no lane of its own. */
const unlimited = { concurrency: Infinity, timeoutMs: Infinity }
const isolateJobs = 32
const imageLane = { concurrency: 16, timeoutMs: 30_000 }
/** A check's own time-out ends it. */
const execLane = { concurrency: 16, timeoutMs: Infinity }
/** One pass is shared by all who ask; limits that are raised do not wait for those that are lowered, which may take their time. */
const usagePasses = 1
const updates = 8
const inspectLane = { concurrency: 16, timeoutMs: 10_000 }

/** What the lanes, the gate and the quarantine may hold. */
export function lanesFrom (config: Config): Omit<LanesOptions, 'metrics' | 'closing'> {
  return {
    limits: laneLimits(config),
    gate: {
      places: { launch: config.launchConcurrency, update: config.updateConcurrency, destroy: config.stopConcurrency * 2 + config.removeConcurrency },
      maxPauseMs: config.launchPauseLimit,
      turnMs: Math.ceil(config.launchPauseLimit / 4),
    },
    quarantineLimit: config.quarantineLimit,
  }
}

/** How many of each operation at once, and how long each may take. `pull` waits for transfers, which have their own limits. */
function laneLimits (config: Config): LaneLimits {
  return {
    prepare: { concurrency: config.prepareConcurrency, timeoutMs: config.prepareTimeout },
    fetch: { concurrency: config.fetchConcurrency, timeoutMs: config.fetchTimeout },
    pull: unlimited,
    transfer: { concurrency: config.pullConcurrency, timeoutMs: config.pullTimeout },
    image: imageLane,
    create: { concurrency: config.createConcurrency, timeoutMs: config.createTimeout },
    attach: { concurrency: config.attachConcurrency, timeoutMs: config.attachTimeout },
    start: { concurrency: config.startConcurrency, timeoutMs: config.startTimeout },
    isolate: { concurrency: isolateJobs, timeoutMs: config.isolateTimeout },
    register: { concurrency: Infinity, timeoutMs: config.executorRegistrationTimeout },
    inspect: inspectLane,
    exec: execLane,
    usage: { concurrency: usagePasses, timeoutMs: config.usageTimeout },
    update: { concurrency: updates, timeoutMs: config.updateTimeout },
    record: { concurrency: updates, timeoutMs: config.updateTimeout },
    stop: { concurrency: config.stopConcurrency, timeoutMs: config.stopTimeout },
    kill: { concurrency: config.stopConcurrency, timeoutMs: config.killTimeout },
    remove: { concurrency: config.removeConcurrency, timeoutMs: config.removeTimeout },
  }
}
