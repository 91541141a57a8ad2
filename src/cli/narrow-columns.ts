/** What a name is not to be cut below while there are columns that can go. */
const nameWidth = 24
const gapWidth = 2

/** Which columns stay where not all have room: from the list of those that can go, as many as it takes do. The first column is the name. */
export function columnsThatFit (rows: ReadonlyArray<readonly string[]>, canGo: readonly number[], width: number | undefined): number[] {
  const count = rows[0]?.length ?? 0
  const widths = Array.from({ length: count }, (_, at) => {
    const widest = Math.max(...rows.map(row => row[at]?.length ?? 0))
    return at === 0 ? Math.min(widest, nameWidth) : widest
  })
  const goes = new Set<number>()
  const left = (): number[] => widths.map((_, at) => at).filter(at => !goes.has(at))
  const needed = (): number => left().reduce((sum, at) => sum + (widths[at] ?? 0) + gapWidth, -gapWidth)
  for (const at of canGo) if (width !== undefined && needed() > width) goes.add(at)
  return left()
}
