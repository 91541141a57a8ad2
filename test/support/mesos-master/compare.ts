/** A message as plain data: bytes as base64, numbers as numbers. */
export type Plain = string | number | boolean | null | Plain[] | { [name: string]: Plain }

export function plain (value: unknown): Plain {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (typeof value === 'bigint') return Number(value)
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined).map(([name, part]) => [name, plain(part)]))
  }
  return value as Plain
}

/** A field that is allowed to differ, and why. In `path`, `[]` stands for any place in a list. */
export interface Difference {
  readonly message: string
  readonly path: string
  readonly why: string
  /** What holds all the same; without it, anything goes. */
  readonly still?: (recorded: Plain | undefined, ours: Plain | undefined) => boolean
}

/** `untold`: what ours does not say, and may leave out. */
export interface Tally { equal: number, allowed: number, untold: number, readonly used: Set<Difference>, readonly faults: string[] }

export const newTally = (): Tally => ({ equal: 0, allowed: 0, untold: 0, used: new Set(), faults: [] })

/** Compares field by field; every leaf is counted as equal, as allowed to differ, or as a fault. */
export function compare (name: string, recorded: Plain, ours: Plain, { differences, tally }: { differences: readonly Difference[], tally: Tally }): void {
  const listed = differences.filter(({ message }) => message === name || message === '*')
  walk('', recorded, ours)

  function walk (path: string, there: Plain | undefined, here: Plain | undefined): void {
    const difference = listed.find(one => one.path === path)
    if (difference !== undefined && !isEqual(there, here) && (difference.still?.(there, here) ?? true)) {
      if (here === undefined) tally.untold += leaves(there)
      else tally.allowed += Math.max(1, leaves(there), leaves(here))
      tally.used.add(difference)
    } else if (Array.isArray(there) && Array.isArray(here)) {
      for (let at = 0; at < Math.max(there.length, here.length); at++) walk(`${path}[]`, there[at], here[at])
    } else if (isObject(there) && isObject(here)) {
      for (const key of new Set([...Object.keys(there), ...Object.keys(here)])) walk(path === '' ? key : `${path}.${key}`, there[key], here[key])
    } else if (isEqual(there, here)) {
      tally.equal += leaves(there)
    } else {
      tally.faults.push(`${name} ${path}: recorded ${shown(there)}, ours ${shown(here)}`)
    }
  }
}

function shown (value: Plain | undefined): string { return value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 300) }

function isObject (value: Plain | undefined): value is Record<string, Plain> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function leaves (value: Plain | undefined): number {
  if (value === undefined) return 0
  if (Array.isArray(value)) return value.reduce<number>((sum, part) => sum + leaves(part), 0)
  return isObject(value) ? Object.values(value).reduce<number>((sum, part) => sum + leaves(part), 0) : 1
}

function isEqual (a: Plain | undefined, b: Plain | undefined): boolean { return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b)) }

function sorted (value: Plain | undefined): Plain | undefined {
  if (Array.isArray(value)) return value.map(part => sorted(part) as Plain)
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => one < other ? -1 : 1).map(([key, part]) => [key, sorted(part) as Plain]))
}
