import { Counter, Gauge, type Registry } from 'prom-client'

const outcomes = ['ok', 'failed'] as const

/** Sandboxes and images that are no longer needed. */
export function tidyMetrics (registry: Registry) {
  const registers = [registry]
  const labelNames = ['outcome'] as const
  const sandboxRemovals = new Counter({ name: 'slipway_sandbox_removals_total', help: 'Sandboxes of tasks that had ended removed.', labelNames, registers })
  const imageRemovals = new Counter({ name: 'slipway_image_removals_total', help: 'Images that nobody used removed.', labelNames, registers })
  const sandboxesKept = new Gauge({ name: 'slipway_sandboxes_kept', help: 'Sandboxes of tasks that have ended, at the last look.', registers })
  const sandboxMaxAge = new Gauge({ name: 'slipway_sandbox_max_age_seconds', help: 'How old those may become on a disk as full as it is.', registers })
  const workDirUsed = new Gauge({ name: 'slipway_work_dir_disk_used_ratio', help: 'Used part of the work directory\'s disk, at the last look.', registers })
  const engineUsed = new Gauge({
    name: 'slipway_engine_disk_used_ratio', help: 'Used part of the engine\'s disk, at the last look; 0 where images are never removed.', registers,
  })
  for (const outcome of outcomes) {
    sandboxRemovals.inc({ outcome }, 0)
    imageRemovals.inc({ outcome }, 0)
  }
  return { sandboxRemovals, imageRemovals, sandboxesKept, sandboxMaxAge, workDirUsed, engineUsed }
}
