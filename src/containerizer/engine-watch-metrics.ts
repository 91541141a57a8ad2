import { Counter, Gauge, type Registry } from 'prom-client'
import { engineConditions, type EngineCondition } from '../model/engine-condition.ts'

/** How the engine is, and which ways had to be taken around it. */
export function engineWatchMetrics (registry: Registry) {
  const registers = [registry]
  let now: EngineCondition = 'up'
  let isDiskFull = false
  const stuck = new Set<string>()
  new Gauge({
    name: 'slipway_engine_up', help: '1 while the engine answers pings and lists.', registers, collect () { this.set(Number(now === 'up')) },
  })
  new Gauge({
    name: 'slipway_engine_condition', help: '1 for how the engine is: up, down, hung or failing.', labelNames: ['condition'], registers,
    collect () { for (const condition of engineConditions) this.set({ condition }, Number(condition === now)) },
  })
  new Gauge({
    name: 'slipway_engine_disk_full', help: '1 when the engine had no space for the last image or container that it was to make.', registers,
    collect () { this.set(Number(isDiskFull)) },
  })
  new Gauge({
    name: 'slipway_stuck_containers', help: 'Containers that the engine did not remove at the last try.', registers, collect () { this.set(stuck.size) },
  })
  const kernelSignals = new Counter({
    name: 'slipway_kernel_signals_total', help: 'Signals sent to containers past an engine that did not.', labelNames: ['signal'], registers,
  })
  for (const signal of ['SIGTERM', 'SIGKILL']) kernelSignals.inc({ signal }, 0)
  return {
    kernelSignals,
    changed (condition: EngineCondition): void { now = condition },
    diskIsFull (isFull: boolean): void { isDiskFull = isFull },
    stuck: (name: string): void => { stuck.add(name) },
    unstuck: (name: string): void => { stuck.delete(name) },
    get condition () { return now },
    get isDiskFull () { return isDiskFull },
    get stuckContainers () { return stuck.size },
  }
}
