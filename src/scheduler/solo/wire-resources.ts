import { quantityOf, valueOf } from '../../agent/wire-quantities.ts'
import { AgentError } from '../../model/errors.ts'
import { quantities, type Quantities, type Quantity } from '../../model/resources.ts'
import type { v1 } from '../../wire/messages.ts'

/** In which form a framework is told of resources: by what it declared to understand. */
export interface ResourceForm {
  readonly role: string
  /** MULTI_ROLE: wants to know for which of its roles. */
  readonly allocation: boolean
  /** No RESERVATION_REFINEMENT: expects `role: "*"` on what is not reserved. */
  readonly legacyRole: boolean
}

/** Throws SPEC_INVALID on what makes no sense, and on reservations and the like, which this master does not know. */
export function fromResources (resources: readonly v1.Resource[]): Quantities {
  return quantities(resources.map(resource => [resource.name, plainQuantity(resource)]))
}

function plainQuantity (resource: v1.Resource): Quantity {
  const special = specialFeature(resource)
  if (special !== undefined) throw new AgentError('SPEC_INVALID', `${special} are not supported: resource '${resource.name}'`)
  return quantityOf(resource)
}

function specialFeature (resource: v1.Resource): string | undefined {
  const reserved = resource.reservation !== undefined || (resource.reservations?.length ?? 0) > 0
  if (reserved || (resource.role ?? '*') !== '*') return 'Reserved resources'
  if (resource.revocable !== undefined) return 'Revocable resources'
  if (resource.shared !== undefined) return 'Shared resources'
  if (resource.disk !== undefined) return 'Persistent volumes and disk sources'
  return resource.provider_id === undefined ? undefined : 'Resource providers'
}

export function toResources (all: Quantities, form?: ResourceForm): v1.Resource[] {
  const extra: Partial<v1.Resource> = {}
  if (form?.legacyRole ?? true) extra.role = '*'
  if (form?.allocation === true) extra.allocation_info = { role: form.role }
  return [...all].map(([name, quantity]) => ({ name, ...valueOf(quantity), ...extra }))
}
