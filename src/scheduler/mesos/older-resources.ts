import type { v1 } from '../../wire/messages.ts'

/** In the form that masters of any age read, where there is one: an agent registers like that. */
export function olderForm (resource: v1.Resource): v1.Resource {
  const { reservations = [], ...rest } = resource
  if (resource.role !== undefined || reservations.length > 1) return resource
  const [reservation] = reservations
  if (reservation === undefined) return { ...rest, role: '*' }
  const { role = '*', type, ...words } = reservation
  return { ...rest, role, ...(type === 'DYNAMIC' && { reservation: words }) }
}

export function olderForms (resources: readonly v1.Resource[] | undefined): v1.Resource[] {
  return (resources ?? []).map(olderForm)
}
