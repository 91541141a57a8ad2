import type { Executor, ExecutorEnd } from './executor.ts'
import { shutdownGraceMs, type ExecutorTimes } from './executor-environment.ts'
import { ends } from './executor-words.ts'

/** How long an executor of an earlier run of the agent is waited for, and what its tasks are told when that was for nothing. */
export interface ReturnTerms { readonly ms: number, readonly end: ExecutorEnd }

/** It tries again at least as often as it was told to, and has twice that time. One that was to end already has its grace once more. */
export function returnTerms ({ state, framework, info, endedFor }: Executor, times: ExecutorTimes & { readonly registrationMs: number }): ReturnTerms {
  if (endedFor !== undefined) return { ms: shutdownGraceMs(info, times), end: endedFor }
  if (state === 'REGISTERING') return { ms: times.registrationMs, end: ends.notRegistered(times.registrationMs) }
  const ms = 2 * times.reregistrationMs
  return { ms, end: ends.notBack(framework, ms) }
}
