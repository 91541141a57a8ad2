import type { AgentEvent, StageMoved } from '../model/agent-event.ts'

/** One event as `/slipway/v1/events` tells it: a line of JSON; what is not known is left out. */
export function eventReport (event: AgentEvent): object {
  const head = { type: event.kind, time: new Date().toISOString() }
  if (event.kind === 'engine') return { ...head, state: event.condition }
  const ids = { container_id: event.containerId, task_id: event.taskId, framework_id: event.frameworkId }
  if (event.kind === 'container') return { ...head, ...ids, from: event.from, to: event.to }
  if (event.kind === 'task') return { ...head, ...ids, state: event.state, reason: event.reason, message: event.message }
  return { ...head, ...ids, stage: event.stage, outcome: event.outcome, ...timesOf(event) }
}

/** Of what is over only. */
function timesOf ({ outcome, queueMs, durationMs }: StageMoved): object {
  if (outcome === 'queued') return {}
  return { queue_ms: round(queueMs), ...(outcome !== 'running' && { duration_ms: round(durationMs) }) }
}

function round (ms: number): number {
  return Math.round(ms * 10) / 10
}
