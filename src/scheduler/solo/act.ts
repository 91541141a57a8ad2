import { chain } from '../../model/errors.ts'
import { acts, type ActingType } from './calls.ts'
import type { Framework } from './framework.ts'
import type { Solo } from './solo.ts'
import type { scheduler } from '../../wire/messages.ts'

/**
 * Does what a call asks, in the order in which a framework's calls come: an ACCEPT of many tasks takes more than one turn of the event loop. A kill of a
 * task that is there waits for none of that. The call was answered already: what goes wrong now comes as an event.
 */
export function act (solo: Solo, framework: Framework, call: scheduler.Call): void {
  const { acting: earlier } = framework
  const work = earlier === undefined || goesAhead(framework, call) ? perform(solo, framework, call) : earlier.then(() => performLate(solo, framework, call))
  if (work === undefined) return
  const acting = work.finally(() => { if (framework.acting === acting) framework.acting = undefined })
  framework.acting = acting
}

function goesAhead ({ tasks }: Framework, { type, kill }: scheduler.Call): boolean {
  return type === 'ACKNOWLEDGE' || (type === 'KILL' && tasks.has(kill?.task_id.value ?? ''))
}

/** It may have been removed while the call waited. */
async function performLate (solo: Solo, framework: Framework, call: scheduler.Call): Promise<void> {
  if (solo.frameworks.get(framework.id) === framework) await perform(solo, framework, call)
}

function perform (solo: Solo, framework: Framework, call: scheduler.Call): Promise<void> | undefined {
  const tell = (error: unknown): void => { solo.log.error({ frameworkId: framework.id, call: call.type, err: chain(error) }, 'a call failed') }
  try {
    return acts[call.type as ActingType](solo, framework, call)?.catch(tell)
  } catch (error) {
    tell(error)
    return undefined
  }
}
