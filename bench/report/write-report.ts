import { writeFileSync } from 'node:fs'
import { htmlPage } from './html/page.ts'
import type { Report } from './report.ts'
import { reportTable } from './table.ts'

export interface Outputs { readonly json?: string, readonly html?: string }

/** The table to the terminal, and the files that were asked for. */
export function writeReport (report: Report, { json, html }: Outputs): void {
  console.log(reportTable(report))
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(report, null, 2)}\n`)
  if (html !== undefined) writeFileSync(html, htmlPage(report))
}
