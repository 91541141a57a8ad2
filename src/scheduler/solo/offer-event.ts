import { hasCapability, type Framework } from './framework.ts'
import type { OfferRecord } from './ledger.ts'
import { agentIdOf, type Solo } from './solo.ts'
import { toResources } from './wire-resources.ts'
import type { scheduler, v1 } from '../../wire/messages.ts'

/** An offer as this framework understands it: older ones know nothing of allocations to roles. */
export function offersEvent (solo: Solo, framework: Framework, offer: OfferRecord): scheduler.Event {
  const { ip, port } = solo.address()
  const { attributes } = solo.agent().agentInfo
  const multiRole = hasCapability(framework.info, 'MULTI_ROLE')
  const form = { role: offer.role, allocation: multiRole, legacyRole: !hasCapability(framework.info, 'RESERVATION_REFINEMENT') }
  const message: v1.Offer = {
    id: { value: offer.id },
    framework_id: { value: framework.id },
    agent_id: { value: agentIdOf(solo) },
    hostname: solo.hostname,
    url: { scheme: 'http', address: { hostname: solo.hostname, ip, port }, path: '/slave(1)' },
    resources: toResources(offer.resources, form),
    attributes,
    executor_ids: framework.executors.size > 0 ? [...framework.executors.keys()].map(value => ({ value })) : undefined,
    allocation_info: multiRole ? { role: offer.role } : undefined,
  }
  return { type: 'OFFERS', offers: { offers: [message] } }
}
