import { printable, type Style, type Terminal } from './terminal.ts'

export type Cell = string | { readonly text: string, readonly style?: Style | undefined }

const gap = '  '
const narrowest = 8

/** Columns side by side, the first row in capitals. On a terminal the widest cells are cut until a row fits; in a pipe nothing is. */
export function textTable (head: readonly string[], rows: ReadonlyArray<readonly Cell[]>, terminal: Terminal): string {
  const texts = [head.map(word => word.toUpperCase()), ...rows.map(row => row.map(cell => printable(textOf(cell))))]
  const widths = fitted(head.map((_word, at) => Math.max(...texts.map(row => row[at]?.length ?? 0))), terminal.columns)
  const lines = texts.map((row, index) => row.map((text, at) => {
    const width = widths[at] ?? 0
    const cut = text.length > width ? `${text.slice(0, width - 1)}…` : text
    const padding = at === row.length - 1 ? '' : ' '.repeat(width - cut.length)
    return terminal.paint(cut, index === 0 ? 'bold' : styleOf(rows[index - 1]?.[at])) + padding
  }).join(gap).trimEnd())
  return `${lines.join('\n')}\n`
}

export function textOf (cell: Cell): string { return typeof cell === 'string' ? cell : cell.text }
function styleOf (cell: Cell | undefined): Style | undefined { return typeof cell === 'object' ? cell.style : undefined }

/** Takes from the widest column until the row fits, or no column can give any more. */
function fitted (wanted: readonly number[], columns: number | undefined): number[] {
  const widths = [...wanted]
  if (columns === undefined) return widths
  const room = columns - gap.length * (widths.length - 1)
  while (widths.reduce((sum, width) => sum + width, 0) > room) {
    const widest = Math.max(...widths)
    if (widest <= narrowest) break
    widths[widths.indexOf(widest)] = widest - 1
  }
  return widths
}
