import { settlesWithin } from '../base/deadline.ts'
import type { Log } from '../base/log.ts'
import type { Engine } from '../engine/port.ts'
import type { Container } from './container.ts'
import type { Lanes } from './lanes.ts'
import { lookAt } from './look-at.ts'

interface Deps { readonly engine: Engine, readonly lanes: Lanes, readonly log: Log }

/** A kill waits this long for the answer to a start, which cannot be un-sent. */
const answerMs = 2_000
/** A start that hangs can keep the engine from telling. */
const lookMs = 1_000

/** Whether a container runs, or ran, whose start was given up: by the answer to the start, or by a look at it when that takes its time. */
export async function comesUp (container: Container, starting: Promise<void>, { engine, ...deps }: Deps): Promise<boolean> {
  if (await settlesWithin(starting, answerMs)) return await starting.then(() => true, () => false)
  await settlesWithin(lookAt(container, engine, deps), lookMs)
  const status = container.inspected?.status
  return status === 'running' || status === 'exited'
}
