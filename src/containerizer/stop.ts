import { backoff } from '../base/backoff.ts'
import { settlesWithin } from '../base/deadline.ts'
import type { Log } from '../base/log.ts'
import { AgentError } from '../model/errors.ts'
import type { Container } from './container.ts'
import type { KeptContainers } from './kept-containers.ts'
import type { StopSignal } from './kernel-signals.ts'
import type { HoldingLanes } from './lanes.ts'
import { sendSignal, type SignalDeps } from './send-signal.ts'

/** An engine that is started anew is mostly back within this. */
const insistMs = 5_000

export interface StopDeps extends SignalDeps { readonly lanes: HoldingLanes, readonly kept: KeptContainers, readonly log: Log, readonly killWaitMs: number }

/**
 * SIGTERM, the grace, SIGKILL. Each signal takes a place in its lane, the grace takes none. Back when the container has ended, or `killWaitMs`
 * after SIGKILL, or when that could not be sent: then only its removal can tell.
 */
export async function stopContainer (container: Container, deps: StopDeps, signal: AbortSignal): Promise<void> {
  await askToEnd(container, deps, signal)
  if (container.termination !== undefined) return
  await insist(container, deps, signal)
}

/**
 * A SIGKILL that finds no engine, as it is started anew, is tried again: a removal takes along what is left of the container's output. One that the engine
 * refuses or does not answer is not.
 */
async function insist (container: Container, deps: StopDeps, signal: AbortSignal): Promise<void> {
  const ended = container.ended.promise
  const untilMs = performance.now() + insistMs
  for (const waitMs of backoff(100, 1_000)) {
    const how = await send(container, 'SIGKILL', deps, signal)
    if (how === 'sent') await settlesWithin(ended, deps.killWaitMs)
    if (how !== 'unheard' || signal.aborted) return
    const leftMs = untilMs - performance.now()
    if (leftMs <= 0 || await settlesWithin(ended, Math.min(waitMs, leftMs))) return
  }
}

/** A SIGTERM that could not be sent is tried again as long as the grace lasts: it is the container's time, whatever the engine does with it. */
async function askToEnd (container: Container, deps: StopDeps, signal: AbortSignal): Promise<void> {
  const { ended, hurry, graceMs } = container
  const isOver = Promise.race([hurry.promise, ended.promise]).then(() => undefined)
  const untilMs = performance.now() + graceMs
  for (const waitMs of backoff(100, 5_000)) {
    const how = await Promise.race([send(container, 'SIGTERM', deps, signal), isOver])
    if (how === 'sent') await settlesWithin(isOver, graceMs)
    if (how === 'sent' || how === undefined || signal.aborted) return
    const leftMs = untilMs - performance.now()
    if (leftMs <= 0 || await settlesWithin(isOver, Math.min(waitMs, leftMs))) return
  }
}

/** unheard: there is no engine at the moment. */
async function send (container: Container, unixSignal: StopSignal, deps: StopDeps, signal: AbortSignal): Promise<'sent' | 'unsent' | 'unheard'> {
  const resumeLaunches = deps.lanes.holdLaunches()
  try {
    await deps.kept.writtenSoon(container)         // or the next run of the agent would take its end for one of its own accord
    await sendSignal(container, unixSignal, deps, signal)
    return 'sent'
  } catch (error) {
    deps.log.warn({ containerId: container.id, error }, `${unixSignal} could not be sent; going on`)
    return AgentError.from(error).code === 'ENGINE_DOWN' ? 'unheard' : 'unsent'
  } finally {
    resumeLaunches()
  }
}
