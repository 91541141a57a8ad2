import { normalRanges, type Range } from '../../model/ranges.ts'
import type { v1 } from '../../wire/messages.ts'

/** Amounts by name as /state tells them: four of them always, ranges and sets as text. */
export type ResourceSummary = Readonly<Record<string, number | string>>

export function resourceSummary (resources: readonly v1.Resource[]): ResourceSummary {
  const summary: Record<string, number | string> = { disk: 0, mem: 0, gpus: 0, cpus: 0 }
  const ranges = new Map<string, Range[]>()
  for (const { name, type, scalar, ranges: told, set } of resources) {
    if (type === 'SCALAR') summary[name] = sum(summary[name], scalar?.value ?? 0)
    if (type === 'RANGES') ranges.set(name, [...ranges.get(name) ?? [], ...(told?.range ?? []).map(toRange)])
    if (type === 'SET') summary[name] = `{${(set?.item ?? []).join(', ')}}`
  }
  for (const [name, list] of ranges) summary[name] = rangesText(normalRanges(list))
  return summary
}

/** Three decimals are significant. */
function sum (before: number | string | undefined, value: number): number {
  return Math.round((Number(before ?? 0) + value) * 1000) / 1000
}

function toRange ({ begin, end }: v1.Value_Range): Range {
  return [Number(begin), Number(end)]
}

export function rangesText (ranges: readonly Range[]): string {
  return `[${ranges.map(([begin, end]) => `${begin}-${end}`).join(', ')}]`
}
