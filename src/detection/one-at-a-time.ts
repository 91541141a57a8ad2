import type { Lookup } from './fixed-master.ts'

/** The system's resolver blocks a thread that others wait for: one look-up at a time, and one of each name. */
export function oneAtATime (lookup: Lookup): Lookup {
  const underWay = new Map<string, Promise<string>>()
  let last: Promise<unknown> = Promise.resolve()
  return host => {
    const known = underWay.get(host)
    if (known) return known
    const found = last.then(() => lookup(host)).finally(() => { underWay.delete(host) })
    underWay.set(host, found)
    last = found.catch(() => {})
    return found
  }
}
