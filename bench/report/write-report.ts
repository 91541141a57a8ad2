import { writeFileSync } from 'node:fs'
import type { Report } from './report.ts'
import { reportTable } from './table.ts'

export interface Outputs { readonly json?: string, readonly html?: string }

/** The table to the terminal, and the files that were asked for. */
export function writeReport (report: Report, { json }: Outputs): void {
  console.log(reportTable(report))
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(report, null, 2)}\n`)
}
