import { Counter, Histogram, type Registry } from 'prom-client'

/** The calls of the port, as its adapter makes them from the main thread. */
const engineCalls = [
  'ping', 'version', 'image inspect', 'create', 'start', 'kill', 'update', 'remove', 'inspect', 'exec', 'list', 'events', 'past events', 'import',
  'images', 'image users', 'image remove', 'info', 'network inspect', 'network create', 'network remove', 'network list',
] as const
export type EngineCall = typeof engineCalls[number]

export type EngineMetrics = ReturnType<typeof engineMetrics>

export function engineMetrics (registry: Registry) {
  const registers = [registry]
  const seconds = new Histogram({
    name: 'slipway_engine_call_duration_seconds', help: 'Time until the engine answered a call, or its caller gave up.', labelNames: ['call'], registers,
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  })
  const failures = new Counter({ name: 'slipway_engine_call_failures_total', help: 'Calls to the engine that failed.', labelNames: ['call'], registers })
  for (const call of engineCalls) {
    seconds.zero({ call })
    failures.inc({ call }, 0)
  }
  return {
    answered (call: EngineCall, ms: number, isOk: boolean): void {
      seconds.observe({ call }, ms / 1000)
      if (!isOk) failures.inc({ call })
    },
  }
}
