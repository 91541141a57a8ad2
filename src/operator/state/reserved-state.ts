import { newerForm, roleOf } from '../../agent/reserved/resource-kinds.ts'
import type { v1 } from '../../wire/messages.ts'
import { printJson } from '../../wire/json.ts'
import { resourceSummary, type ResourceSummary } from './resource-summary.ts'

/** What is reserved for whom, and what for nobody, of all there is and of what tasks hold: as /state tells it. */
export function reservedState (total: readonly v1.Resource[], held: readonly v1.Resource[]): object {
  const [there, taken] = [byRole(total), byRole(held)]
  return {
    reserved_resources: mapped(there.reserved, resourceSummary),
    unreserved_resources: resourceSummary(there.free),
    reserved_resources_full: mapped(there.reserved, list => list.map(endpointForm)),
    unreserved_resources_full: there.free.map(endpointForm),
    reserved_resources_allocated: mapped(taken.reserved, resourceSummary) satisfies Record<string, ResourceSummary>,
    unreserved_resources_allocated: resourceSummary(taken.free),
  }
}

interface Split { readonly free: v1.Resource[], readonly reserved: ReadonlyMap<string, v1.Resource[]> }

function byRole (resources: readonly v1.Resource[]): Split {
  const free: v1.Resource[] = []
  const reserved = new Map<string, v1.Resource[]>()
  for (const resource of resources.map(newerForm)) {
    const role = roleOf(resource)
    if (role === '*') free.push(resource)
    else reserved.set(role, [...reserved.get(role) ?? [], resource])
  }
  return { free, reserved }
}

/** In both of Mesos's forms at once, as far as the older one can tell it. */
function endpointForm (resource: v1.Resource): unknown {
  const { reservations = [] } = resource
  const [{ role = '*', type, ...words } = {}] = reservations
  const older = reservations.length > 1 ? {} : { role, ...(type === 'DYNAMIC' && { reservation: words }) }
  return JSON.parse(printJson('v1.Resource', { ...resource, ...older }))
}

function mapped<T> (lists: ReadonlyMap<string, v1.Resource[]>, told: (list: v1.Resource[]) => T): Record<string, T> {
  return Object.fromEntries([...lists].map(([role, list]) => [role, told(list)]))
}
