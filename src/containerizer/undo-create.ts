import { settlesWithin } from '../base/deadline.ts'
import type { Container } from './container.ts'
import type { EngineWatch } from './engine-watch.ts'
import type { KeptContainers } from './kept-containers.ts'
import type { KernelSignals } from './kernel-signals.ts'
import { removeUntilGone, type RemovalDeps } from './removal.ts'

/** An engine that has not removed a container by then may not do it soon, though it answers everything else. */
const patienceMs = 2_000

export interface UndoDeps extends RemovalDeps {
  readonly engineWatch: Pick<EngineWatch, 'isUp'>
  readonly kernel: Pick<KernelSignals, 'signal' | 'condemnInTurn'>
  readonly kept: Pick<KeptContainers, 'note' | 'writtenSoon'>
}

/** Removes a container whose launch failed, by name. An engine in trouble may have started it and not said so: its processes do not wait for the engine. */
export async function undoCreate (container: Container, deps: UndoDeps, signal: AbortSignal): Promise<void> {
  const mayRun = container.timeline.hasBegun('start')
  if (!deps.engineWatch.isUp && mayRun) await deps.kernel.signal(container, 'SIGKILL')
  if (container.isCutOff) {
    deps.kept.note(container)                     // by its engine's id the next run of the agent finds what is left of it
    await deps.kept.writtenSoon(container)
  }
  const removal = removeUntilGone(container.spec.name, deps, signal)
  if (mayRun && !await settlesWithin(removal, patienceMs)) await deps.kernel.condemnInTurn(container)
  await removal
}
