import { Counter, Gauge, type Registry } from 'prom-client'
import { checkMetrics } from './checks/metrics.ts'
import { executorStates, type Executor } from './executors/executor.ts'
import type { v1 } from '../wire/messages.ts'

const told = [
  'TASK_STARTING', 'TASK_RUNNING', 'TASK_KILLING', 'TASK_FINISHED', 'TASK_FAILED', 'TASK_KILLED', 'TASK_ERROR', 'TASK_LOST', 'TASK_DROPPED', 'TASK_GONE',
] as const satisfies v1.TaskState[]

export type AgentMetrics = ReturnType<typeof agentMetrics>

export function agentMetrics (registry: Registry) {
  const registers = [registry]
  const updates = new Counter({ name: 'slipway_status_updates_total', help: 'Status updates made, by task state.', labelNames: ['state'], registers })
  for (const state of told) updates.inc({ state }, 0)
  let countPending = (): number => 0
  new Gauge({
    name: 'slipway_status_updates_pending', help: 'Status updates that no framework has acknowledged yet.', registers,
    collect () { this.set(countPending()) },
  })
  let allExecutors = (): readonly Executor[] => []
  new Gauge({
    name: 'slipway_executors', help: 'Executors, by state.', labelNames: ['state'], registers,
    collect () {
      const all = allExecutors()
      for (const state of executorStates) this.set({ state }, all.filter(executor => executor.state === state).length)
    },
  })
  return {
    executorsFrom (list: () => readonly Executor[]): void { allExecutors = list },
    checks: checkMetrics(registry),
    told (state: v1.TaskState): void { updates.inc({ state }) },
    pendingFrom (count: () => number): void { countPending = count },
  }
}
