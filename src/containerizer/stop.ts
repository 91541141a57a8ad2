import { settlesWithin } from '../base/deadline.ts'
import type { Log } from '../base/log.ts'
import type { Engine } from '../engine/port.ts'
import type { Container } from './container.ts'
import type { Lanes } from './lanes.ts'
import type { KeptContainers } from './kept-containers.ts'
import { destroyPriority } from './removal.ts'

export interface StopDeps { readonly engine: Engine, readonly lanes: Lanes, readonly kept: KeptContainers, readonly log: Log, readonly killWaitMs: number }

/**
 * SIGTERM, the grace, SIGKILL. Each signal takes a place in its lane, the grace takes none. Back when the container has ended, or `killWaitMs`
 * after SIGKILL, or when that could not be sent: then only its removal can tell.
 */
export async function stopContainer (container: Container, deps: StopDeps, signal: AbortSignal): Promise<void> {
  const { ended, hurry } = container
  const isOver = Promise.race([hurry.promise, ended.promise])
  const wasSent = await Promise.race([send(container, 'SIGTERM', deps, signal), isOver])
  if (wasSent !== false) await settlesWithin(isOver, container.graceMs)
  if (container.termination !== undefined) return
  if (await send(container, 'SIGKILL', deps, signal)) await settlesWithin(ended.promise, deps.killWaitMs)
}

async function send (container: Container, unixSignal: 'SIGTERM' | 'SIGKILL', deps: StopDeps, signal: AbortSignal): Promise<boolean> {
  const { engine, lanes, kept, log } = deps
  const stage = unixSignal === 'SIGTERM' ? 'stop' : 'kill'
  try {
    await lanes.run({ stage, priority: destroyPriority }, async callSignal => {
      await kept.writtenSoon(container)         // or the next run of the agent would take its end for one of its own accord
      await engine.kill(container.spec.name, unixSignal, callSignal)
    }, signal)
    return true
  } catch (error) {
    log.warn({ containerId: container.id, error }, `${unixSignal} could not be sent; going on`)
    return false
  }
}
