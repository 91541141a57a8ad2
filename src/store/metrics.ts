import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

export type StoreMetrics = ReturnType<typeof storeMetrics>

export function storeMetrics (registry: Registry) {
  const registers = [registry]
  const seconds = new Histogram({
    name: 'slipway_checkpoint_commit_duration_seconds', help: 'Time of one transaction of the checkpoint, durable at its end; many commits share one.',
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5], registers,
  })
  const records = new Counter({ name: 'slipway_checkpoint_records_total', help: 'Records written to the checkpoint, or taken away.', registers })
  const writable = new Gauge({ name: 'slipway_checkpoint_writable', help: '0 while the checkpoint cannot be written and no task is taken.', registers })
  const errors = new Counter({ name: 'slipway_recovery_errors_total', help: 'Records that the agent could not read when it started.', registers })
  writable.set(1)
  return {
    committed (count: number, ms: number): void { records.inc(count); seconds.observe(ms / 1000) },
    isWritable (isSo: boolean): void { writable.set(Number(isSo)) },
    unreadable (): void { errors.inc() },
  }
}
