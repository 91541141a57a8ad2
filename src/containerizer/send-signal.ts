import { settlesWithin, startDeadline } from '../base/deadline.ts'
import type { Engine } from '../engine/port.ts'
import { AgentError } from '../model/errors.ts'
import type { Container } from './container.ts'
import type { EngineWatch } from './engine-watch.ts'
import type { KernelSignals, StopSignal } from './kernel-signals.ts'
import type { Lanes } from './lanes.ts'
import { destroyPriority } from './removal.ts'

export interface SignalDeps {
  readonly engine: Engine
  readonly engineWatch: Pick<EngineWatch, 'isUp'>
  readonly kernel: KernelSignals
  readonly lanes: Lanes
}

/** An engine that is well takes a tenth of this under load. */
const patienceMs = 500

/**
 * Sends a signal to a container: SIGTERM straight to its first process, if that can be told; else, and SIGKILL, by its engine, and past it where that is
 * known to be in trouble, refuses, or takes too long. Throws when no way leads there. Late, the engine may send it once more: to a container that has
 * been told to end already.
 */
export async function sendSignal (container: Container, unixSignal: StopSignal, deps: SignalDeps, signal: AbortSignal): Promise<void> {
  const { engine, engineWatch, kernel, lanes } = deps
  const isKnownBad = !engineWatch.isUp || kernel.follows(container)
  if (isKnownBad && await kernel.send(container, unixSignal)) return
  const stage = unixSignal === 'SIGTERM' ? 'stop' : 'kill'
  using place = startDeadline(signal, Infinity, () => new AgentError('INTERNAL', 'no deadline was set'))
  const call = lanes.run({ stage, priority: destroyPriority }, async callSignal => {
    // An engine that has launches to do takes tens of milliseconds for what the kernel does at once.
    if (unixSignal === 'SIGTERM' && await kernel.terminate(container)) return
    await engine.kill(container.spec.name, unixSignal, callSignal)
  }, place.signal)
  const isSent = await Promise.race([call.then(() => true, () => false), settlesWithin(call, patienceMs).then(() => false)])
  if (isSent || container.termination !== undefined) return
  if (!await (unixSignal === 'SIGKILL' ? kernel.killInTurn(container) : kernel.send(container, unixSignal))) return await call
  call.catch(() => {})
  place.abort(new AgentError('CANCELLED', 'it was sent past the engine'))       // one that waits for its turn need not be sent
}
