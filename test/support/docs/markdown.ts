/** Rows of a Markdown table; a `|` inside a cell is escaped. */
export function table (head: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n')
}

export function page (title: string, ...parts: readonly string[]): string {
  return `# ${title}\n\n<!-- Printed by \`npm run docs\`; a test keeps it in step with the code. -->\n\n${parts.join('\n\n')}\n`
}
