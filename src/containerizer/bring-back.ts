import type { Listed } from '../engine/port.ts'
import { AgentError } from '../model/errors.ts'
import type { Phase } from '../store/records.ts'
import { elapsedMs } from '../base/boot-clock.ts'
import type { Container } from './container.ts'
import type { LifeDeps } from './container-life.ts'
import { lookAt } from './look-at.ts'
import { rebootedUnder } from './lost-status.ts'
import { recoveryTable, type Verdict } from './recovery-table.ts'

export interface BringBackDeps extends LifeDeps {
  /** SIGTERM, the grace, SIGKILL, and its end is told. */
  stop (container: Container): Promise<void>
  /** Removed within a bound; false when the engine does not say so. */
  confirmGone (container: Container): Promise<boolean>
}

/** Goes on with a container of an earlier run, as its record and the engine's list say. Answers what was decided. */
export async function bringBack (container: Container, phase: Phase, listed: Listed | undefined, deps: BringBackDeps): Promise<Verdict> {
  const verdict = recoveryTable[phase][listed?.state ?? 'missing']
  deps.log.info({ containerId: container.id, was: phase, found: listed?.state ?? 'missing', verdict }, 'a container of an earlier run')
  deps.metrics.recovered(verdict)
  if (container.termination !== undefined) settle(container, listed, deps)
  else if (verdict === 'adopt') adopt(container, listed, phase, deps)
  else if (verdict === 'finish') finish(container, listed, deps)
  else await giveUp(container, phase, listed, deps)
  return verdict
}

/** It goes on as if nothing had been. */
function adopt (container: Container, listed: Listed | undefined, phase: Phase, deps: BringBackDeps): void {
  // A kill that came meanwhile stops what ran; what was being launched it has only called off.
  const isToBeStopped = phase === 'stopping' || (phase === 'launching' && container.state === 'stopping')
  const { stoppedAt } = container
  if (stoppedAt !== undefined) container.graceMs = Math.max(0, container.graceMs - (elapsedMs(stoppedAt) ?? container.graceMs))
  comeUp(container, listed, deps)
  if (isToBeStopped) void deps.stop(container)
  const looked = lookAt(container, deps.engine, deps)
  deps.updates.settle(container, looked)
}

/** It has ended while nobody looked. */
function finish (container: Container, listed: Listed | undefined, deps: BringBackDeps): void {
  comeUp(container, listed, deps)
  deps.exits.notice(container)
}

function comeUp (container: Container, listed: Listed | undefined, deps: BringBackDeps): void {
  container.engineId = listed?.id
  if (container.state === 'launching') container.move('started')
  container.hasComeUp = true
  container.imageReady.resolve()
  container.running.resolve()
  fill(container, listed, deps)
}

/** What its sandbox has missed meanwhile. */
function fill (container: Container, listed: Listed | undefined, { pipes }: BringBackDeps): void {
  if (container.logFiles === undefined || listed === undefined) container.piped.resolve()
  else void pipes.resume(container, listed.id)
}

async function giveUp (container: Container, phase: Phase, listed: Listed | undefined, deps: BringBackDeps): Promise<void> {
  const error = container.state === 'stopping' && phase !== 'launching' ? undefined : why(container, phase)
  container.running.reject(error ?? why(container, phase))
  container.looked.resolve()
  doubtStart(container, listed)
  const mayStillRun = listed !== undefined && !await deps.confirmGone(container)
  if (container.state === 'launching') container.move('fail')
  container.piped.resolve()
  container.end({ exitCode: undefined, oomKilled: false, error, mayStillRun })
}

/** Its end was told before; what is left is the rest of its output, and to remove it. */
function settle (container: Container, listed: Listed | undefined, deps: BringBackDeps): void {
  container.running.reject(new AgentError('CANCELLED', 'it has ended'))
  container.looked.resolve()
  doubtStart(container, listed)
  fill(container, hasRun(listed) ? listed : undefined, deps)
}

/** Of a start that nobody saw succeed more may run than the engine knows of, however the launch was told to have ended. */
function doubtStart (container: Container, listed: Listed | undefined): void {
  container.isCutOff = !container.timeline.hasSucceeded('start')
  container.engineId ??= listed?.id
}

function hasRun (listed: Listed | undefined): boolean {
  return listed?.state === 'exited' || listed?.state === 'dead'
}

function why (container: Container, phase: Phase): AgentError {
  return phase === 'launching'
    ? new AgentError('AGENT_RESTARTED', 'the agent ended while it was being launched')
    : rebootedUnder(container) ?? new AgentError('NOT_FOUND', 'the container was gone when the agent came back')
}
