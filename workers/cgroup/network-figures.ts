import { pick, zeros, type Figures, type Goals } from './figures.ts'

/** By column of /proc/<pid>/net/dev, after the interface's name. */
const columns: Goals = {
  0: 'netRxBytes',
  1: 'netRxPackets',
  2: 'netRxErrors',
  3: 'netRxDropped',
  8: 'netTxBytes',
  9: 'netTxPackets',
  10: 'netTxErrors',
  11: 'netTxDropped',
}

/** All interfaces but loopback, added up. */
export function networkFigures (table: string): Figures {
  const rows = table.split('\n').map(line => /^\s*(\S+?):\s*(.*)$/.exec(line)).filter(row => row !== null && row[1] !== 'lo')
  const pairs = rows.flatMap(row => row![2]!.split(/\s+/).map((number, column) => [String(column), number] as const))
  return pick(columns, [...zeros(columns), ...pairs])
}
