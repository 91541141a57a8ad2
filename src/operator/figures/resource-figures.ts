import type { v1 } from '../../wire/messages.ts'
import { resourceSummary } from '../state/resource-summary.ts'

const names = ['cpus', 'mem', 'disk', 'gpus'] as const

/** What there is and what is held, as Mesos counts it. There is nothing revocable here. */
export function resourceFigures (all: readonly v1.Resource[], held: readonly v1.Resource[]): Record<string, number> {
  const [total, used] = [resourceSummary(all), resourceSummary(held)]
  return Object.assign({}, ...names.map(name => {
    const [there, taken] = [Number(total[name] ?? 0), Number(used[name] ?? 0)]
    return {
      [`slave/${name}_total`]: there, [`slave/${name}_used`]: taken, [`slave/${name}_percent`]: there === 0 ? 0 : taken / there,
      [`slave/${name}_revocable_total`]: 0, [`slave/${name}_revocable_used`]: 0, [`slave/${name}_revocable_percent`]: 0,
    }
  })) as Record<string, number>
}
