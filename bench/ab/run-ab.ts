import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { comparisonTable } from '../report/compare.ts'
import { medianReport } from '../report/median-report.ts'
import { readReport } from '../report/read-report.ts'
import type { Report } from '../report/report.ts'
import { checkOut } from './checkout.ts'
import { runProgram } from './run-program.ts'

export interface Turns {
  readonly revisions: readonly [a: string, b: string]
  /** The bench and its options. */
  readonly words: readonly string[]
  readonly rounds: number
  /** Gets every report. */
  readonly json?: string
}

/** Two revisions of the project in turns on the same machine, so that what it does beside them strikes both; answers their medians side by side. */
export async function runAb ({ revisions, words, rounds, json }: Turns, project: string, signal: AbortSignal): Promise<string> {
  const place = mkdtempSync(join(tmpdir(), 'slipway-ab-'))
  try {
    using a = await checkOut({ project, revision: revisions[0], folder: join(place, 'a') }, signal)
    using b = await checkOut({ project, revision: revisions[1], folder: join(place, 'b') }, signal)
    const folders = { a: a.folder, b: b.folder }
    const reports: Record<'a' | 'b', Report[]> = { a: [], b: [] }
    for (const [turn, side] of sides(rounds).entries()) {
      console.error(`ab: turn ${turn + 1} of ${rounds * 2}: ${revisions[side === 'a' ? 0 : 1]}`)
      const out = join(place, `${turn}.json`)
      await runProgram([process.execPath, 'setup.mjs', 'bench', '--', ...words, '--json', out], folders[side], signal)
      reports[side].push(readReport(out))
    }
    if (json !== undefined) writeFileSync(json, `${JSON.stringify(reports, null, 2)}\n`)
    return comparisonTable(medianOf(reports.a), medianOf(reports.b))
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}

/** Who was first is second next time: a b, b a, a b. */
export function sides (rounds: number): Array<'a' | 'b'> {
  return Array.from({ length: rounds }, (_, round) => round % 2 === 0 ? ['a', 'b'] as const : ['b', 'a'] as const).flat()
}

function medianOf (reports: readonly Report[]): Report {
  const [first, ...others] = reports
  if (first === undefined) throw new Error('there was no turn')
  return medianReport([first, ...others])
}
