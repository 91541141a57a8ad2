/** Rows as text: names to the left, figures to the right. */
export function columns (rows: ReadonlyArray<readonly string[]>): string {
  const width = (column: number): number => Math.max(...rows.map(row => row[column]?.length ?? 0))
  const line = ([name = '', ...figures]: readonly string[]): string =>
    [name.padEnd(width(0)), ...figures.map((figure, i) => figure.padStart(width(i + 1)))].join('  ').trimEnd()
  return rows.map(line).join('\n')
}
