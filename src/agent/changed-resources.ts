import type { v1 } from '../wire/messages.ts'

/** New amounts; what is not named stays. `mem` is in MB. */
export interface ResourceChange { readonly cpus?: number | undefined, readonly mem?: number | undefined }

export function changedResources (resources: readonly v1.Resource[], { cpus, mem }: ResourceChange): v1.Resource[] {
  return withAmount(withAmount(resources, 'cpus', cpus), 'mem', mem)
}

/** For the time of a change the larger of both is held: neither the limits of before nor those to come are anybody else's. */
export function largerResources (resources: readonly v1.Resource[], change: ResourceChange): v1.Resource[] {
  const larger = (name: 'cpus' | 'mem'): number | undefined => {
    const wanted = change[name]
    return wanted === undefined ? undefined : Math.max(wanted, amountOf(resources, name))
  }
  return changedResources(resources, { cpus: larger('cpus'), mem: larger('mem') })
}

export function amountOf (resources: readonly v1.Resource[], name: string): number {
  return resources.filter(resource => resource.name === name).reduce((sum, { scalar }) => sum + (scalar?.value ?? 0), 0)
}

/** What is told in parts becomes one. */
function withAmount (resources: readonly v1.Resource[], name: string, amount: number | undefined): v1.Resource[] {
  if (amount === undefined) return [...resources]
  const first = resources.find(resource => resource.name === name)
  const whole: v1.Resource = { ...(first ?? { name, type: 'SCALAR', ...allocationOf(resources) }), scalar: { value: amount } }
  const others = resources.filter(resource => resource.name !== name)
  return first === undefined ? [...others, whole] : resources.flatMap(resource => resource === first ? [whole] : resource.name === name ? [] : [resource])
}

function allocationOf ([one]: readonly v1.Resource[]): Pick<v1.Resource, 'allocation_info'> {
  return one?.allocation_info === undefined ? {} : { allocation_info: one.allocation_info }
}
