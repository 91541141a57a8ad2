import type { Finding, HealthCheck } from './check.ts'

export interface Verdict {
  readonly isHealthy: boolean
  /** Failures in a row, this one included. */
  readonly failures: number
  /** It failed too often: the task has to end. */
  readonly isOver: boolean
}

/** What was found before: it goes on from there when the agent was restarted. */
export interface HealthSoFar { readonly wasHealthyOnce: boolean, readonly failures: number }

/** What a finding means for the health of a task; undefined: nothing that anybody must be told. As Mesos has it. */
type Judge = (finding: Finding, nowMs: number) => Verdict | undefined

export function healthJudge ({ graceMs, maxFailures }: HealthCheck, startedAtMs: number, before?: HealthSoFar): Judge {
  let { wasHealthyOnce, failures } = before ?? { wasHealthyOnce: false, failures: 0 }
  return ({ isGood }, nowMs) => {
    if (isGood) {
      const isNews = !wasHealthyOnce || failures > 0
      wasHealthyOnce = true
      failures = 0
      return isNews ? { isHealthy: true, failures, isOver: false } : undefined
    }
    if (!wasHealthyOnce && nowMs - startedAtMs <= graceMs) return undefined
    failures++
    return { isHealthy: false, failures, isOver: failures >= maxFailures }
  }
}
