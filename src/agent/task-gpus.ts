import { invalid } from './policy.ts'
import type { v1 } from '../wire/messages.ts'

/** Which GPUs a task gets: the lowest that no other has. The scheduler's accounts see to it that there are enough. */
export function gpusOf ({ resources = [] }: v1.TaskInfo, inUse: Iterable<string>): { gpus?: readonly string[] } {
  const count = resources.filter(({ name }) => name === 'gpus').reduce((sum, { scalar }) => sum + (scalar?.value ?? 0), 0)
  if (!Number.isInteger(count) || count < 0 || count > 1024) throw invalid('resources: gpus', `of ${count} is no number of GPUs: they are not shared`)
  if (count === 0) return {}
  const taken = new Set(inUse)
  const gpus: string[] = []
  for (let at = 0; gpus.length < count; at++) if (!taken.has(String(at))) gpus.push(String(at))
  return { gpus }
}
