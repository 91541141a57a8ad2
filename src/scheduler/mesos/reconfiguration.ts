import type { v1 } from '../../wire/messages.ts'

/** What of an agent its master is told, and does not let change under tasks that run. */
export type Registered = Pick<v1.AgentInfo, 'hostname' | 'port' | 'resources' | 'attributes' | 'domain'>

export const reconfigurationPolicies = ['equal', 'additive'] as const
export type ReconfigurationPolicy = typeof reconfigurationPolicies[number]

/** Why a master would not have the agent with these values; undefined: it would. `additive`: more of what there was is fine. */
export function reconfigurationFault (before: Registered, now: Registered, policy: ReconfigurationPolicy): string | undefined {
  if (before.hostname !== now.hostname) return `the hostname was ${before.hostname} and is ${now.hostname}`
  // 0 is any free one: then nobody knows yet.
  if ((now.port ?? 0) !== 0 && before.port !== now.port) return `the port was ${before.port} and is ${now.port}`
  if (before.domain !== undefined && !isSame(before.domain, now.domain)) return 'the domain has changed'
  if (policy === 'equal') {
    if (!isSame(before.domain, now.domain)) return 'there was no domain'
    return fault('resources', before.resources, now.resources, isSame) ?? fault('attributes', before.attributes, now.attributes, isSame) ??
      fault('resources', now.resources, before.resources, isSame) ?? fault('attributes', now.attributes, before.attributes, isSame)
  }
  return fault('resources', before.resources, now.resources, isMore) ?? fault('attributes', before.attributes, now.attributes, isMore)
}

interface Valued { readonly name: string, readonly type: string, readonly scalar?: v1.Value_Scalar | undefined, readonly ranges?: v1.Value_Ranges | undefined,
  readonly set?: v1.Value_Set | undefined, readonly text?: v1.Value_Text | undefined }

function fault<T extends Valued> (what: string, before: readonly T[] = [], now: readonly T[] = [], fits: (before: T, now: T) => boolean): string | undefined {
  const lost = before.find(one => !now.some(other => other.name === one.name && fits(one, other)))
  return lost && `the ${what} differ: ${lost.name}`
}

/** All that was there is there still. */
function isMore (before: Valued, now: Valued): boolean {
  if (before.type !== now.type) return false
  if (before.type === 'SCALAR') return (now.scalar?.value ?? 0) >= (before.scalar?.value ?? 0)
  if (before.type === 'RANGES') return (before.ranges?.range ?? []).every(range => (now.ranges?.range ?? []).some(other => includes(other, range)))
  if (before.type === 'SET') return (before.set?.item ?? []).every(item => now.set?.item?.includes(item))
  return isSame(before, now)
}

function includes (outer: v1.Value_Range, { begin, end }: v1.Value_Range): boolean {
  return BigInt(outer.begin) <= BigInt(begin) && BigInt(outer.end) >= BigInt(end)
}

function isSame (a: unknown, b: unknown): boolean {
  return text(a) === text(b)
}

/** The same whatever the order of the fields, and whether a number came as one or as a bigint. */
function text (value: unknown): string {
  return JSON.stringify(value ?? null, (_key, part: unknown) => {
    if (typeof part === 'bigint') return Number(part)
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part
    return Object.fromEntries(Object.entries(part).filter(([, held]) => held !== undefined).sort(([one], [other]) => one < other ? -1 : 1))
  })
}
