import type { Log } from '../base/log.ts'
import type { Engine } from '../engine/port.ts'
import type { Container } from './container.ts'
import type { Lanes } from './lanes.ts'
import { destroyPriority } from './removal.ts'

const never = new AbortController().signal

/** Asks the engine once for all it knows of a container that was just started. Never throws: it is good to know, and nothing hangs on it. */
export async function lookAt (container: Container, engine: Engine, { lanes, log }: { lanes: Lanes, log: Log }): Promise<void> {
  try {
    const ticket = { stage: 'inspect', priority: destroyPriority } as const
    container.inspected = await lanes.run(ticket, signal => engine.inspect(container.spec.name, signal), never)
  } catch (error) {
    log.warn({ error }, 'a started container could not be inspected')
  } finally {
    container.looked.resolve()
  }
}
