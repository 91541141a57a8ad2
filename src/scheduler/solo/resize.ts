import { AgentError } from '../../model/errors.ts'
import { add, amountOf, contains, none, type Quantities } from '../../model/resources.ts'
import { taskKey } from './framework.ts'
import type { Solo } from './solo.ts'
import { fromResources } from './wire-resources.ts'
import type { v1 } from '../../wire/messages.ts'

/** A running task holds more or less from now on. What is offered counts as free: an offer in the way is taken back. */
export function onResize (solo: Solo, frameworkId: string, taskId: string, resources: readonly v1.Resource[]): void {
  const { ledger, allocator } = solo
  const key = taskKey(frameworkId, taskId)
  const wanted = fromResources([...resources])
  const had = ledger.heldBy(key) ?? none
  const most = [ledger.free, ledger.offered, had].reduce(add, none)
  if (!contains(most, wanted)) throw beyond(most, wanted)
  allocator.rescindUntil(() => contains(add(ledger.free, had), wanted))
  if (!ledger.resize(key, wanted)) solo.log.warn({ frameworkId, taskId }, 'a task that holds nothing was updated')
  allocator.allocateSoon()
}

function beyond (most: Quantities, wanted: Quantities): AgentError {
  const missing = [...wanted.keys()].filter(name => amountOf(wanted, name) > amountOf(most, name))
  const figures = missing.map(name => `${name} ${amountOf(wanted, name)} of at most ${amountOf(most, name)}`)
  return new AgentError('UPDATE_REFUSED', `the host does not have that much free: ${figures.join(', ')}`)
}
