import type { v1 } from '../wire/messages.ts'

/** Scalars by name, summed; what is reserved, shared or may be revoked is not for us. Thousandths, so that sums are exact. */
function scalars (resources: readonly v1.Resource[] = []): Map<string, number> {
  const sums = new Map<string, number>()
  for (const { name, scalar, reservation, reservations, revocable, disk } of resources) {
    if (!scalar || reservation || reservations?.length || revocable || disk) continue
    sums.set(name, (sums.get(name) ?? 0) + Math.round(scalar.value * 1000))
  }
  return sums
}

export function fits (wanted: readonly v1.Resource[], offer: v1.Offer): boolean {
  const offered = scalars(offer.resources)
  return [...scalars(wanted)].every(([name, amount]) => amount <= (offered.get(name) ?? 0))
}

/** "cpus 2, mem 512", for people. */
export function describe (resources: readonly v1.Resource[] | undefined): string {
  return [...scalars(resources)].map(([name, amount]) => `${name} ${amount / 1000}`).join(', ') || 'nothing'
}
