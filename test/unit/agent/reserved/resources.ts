import type { v1 } from '../../../../src/wire/messages.ts'

export const scalar = (name: string, value: number, more: Partial<v1.Resource> = {}): v1.Resource => ({ name, type: 'SCALAR', scalar: { value }, ...more })

export const ports = (begin: number, end: number, more: Partial<v1.Resource> = {}): v1.Resource => {
  return { name: 'ports', type: 'RANGES', ranges: { range: [{ begin, end }] }, ...more }
}

export const reservedFor = (...roles: string[]): Partial<v1.Resource> => ({ reservations: roles.map(role => ({ type: 'DYNAMIC', role, principal: 'p' })) })

/** A persistent volume of so many megabytes. */
export function volume (id: string, value: number, role = 'web', containerPath = 'data'): v1.Resource {
  const disk: v1.Resource_DiskInfo = { persistence: { id, principal: 'p' }, volume: { container_path: containerPath, mode: 'RW' } }
  return scalar('disk', value, { ...reservedFor(role), disk })
}

/** Without what printing fills in and with no order. */
export function plain (resources: readonly v1.Resource[]): string[] {
  return resources.map(({ name, scalar: amount, ranges, reservations = [], disk }) => {
    const value = amount?.value ?? (ranges?.range ?? []).map(({ begin, end }) => `${begin}-${end}`).join()
    return [name, value, ...reservations.map(({ role }) => role), disk?.persistence?.id].filter(one => one !== undefined).join(' ')
  }).sort()
}
