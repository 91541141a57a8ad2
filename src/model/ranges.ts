/** Inclusive on both ends, as ports are written: [31000, 31009] are ten ports. */
export type Range = readonly [begin: number, end: number]

/** Sorted, without overlaps, neighbours joined: two lists of the same numbers are equal lists. */
export function normalRanges (ranges: readonly Range[]): Range[] {
  const result: [number, number][] = []
  for (const [begin, end] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const last = result.at(-1)
    if (last !== undefined && begin <= last[1] + 1) last[1] = Math.max(last[1], end)
    else if (begin <= end) result.push([begin, end])
  }
  return result
}

export function containsRanges (whole: readonly Range[], part: readonly Range[]): boolean {
  return part.every(([begin, end]) => whole.some(range => range[0] <= begin && end <= range[1]))
}

/** What is in `whole` and not in `part`; both normal. */
export function subtractRanges (whole: readonly Range[], part: readonly Range[]): Range[] {
  let rest: Range[] = [...whole]
  for (const cut of part) rest = rest.flatMap(range => without(range, cut))
  return rest
}

function without ([begin, end]: Range, [cutBegin, cutEnd]: Range): Range[] {
  if (cutEnd < begin || end < cutBegin) return [[begin, end]]
  const rest: Range[] = []
  if (begin < cutBegin) rest.push([begin, cutBegin - 1])
  if (cutEnd < end) rest.push([cutEnd + 1, end])
  return rest
}
