import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { keptBy } from '../../../bench/promises/keep.ts'
import { promises, runs, type RunName } from '../../../bench/promises/promises.ts'
import { readReport } from '../../../bench/report/read-report.ts'
import type { Report } from '../../../bench/report/report.ts'
import { reportTable } from '../../../bench/report/table.ts'
import { page, table } from './markdown.ts'

type Reports = Partial<Record<RunName, Report>>

/** docs/PERFORMANCE.md: promises from their table, figures from the files that the benches have written. */
export function performancePage (reports: Reports, notes: string): string {
  const names = Object.keys(runs) as RunName[]
  return page('Performance',
    `What is promised, how to see it on your machine, and what was seen. No figure here is typed: each comes from a file in
\`docs/performance/\` that the bench has written, together with the machine, the engine and the revision. The goals are for 2 cores, Docker 20.10 with
runc and overlay2 on cgroup v1. Rates and ratios are medians of interleaved rounds: raw engine and agent by turns in one run, so that what else the
machine does strikes both. **raw** is a program of 60 lines on the engine's socket that makes the same containers, attaches and starts
them (\`npm run bench -- raw\`), at the concurrency that is best for it.`,
    `## Promises\n\n${promisesTable(reports)}`,
    notes.trim(),
    `## The runs\n\nEach takes root and brings an engine of its own. \`npm run bench -- --help\` tells all options; \`--html FILE\` draws a page.
To compare two runs, or two revisions by turns: \`npm run bench -- compare A.json B.json\`, \`npm run bench -- ab REV1 REV2 launch\`.`,
    ...names.map(name => runSection(name, reports[name])))
}

function promisesTable (reports: Reports): string {
  return table(['what', 'goal', 'seen', '', 'run'], promises.map(promised => {
    const { verdict, seen } = keptBy(promised, reports[promised.run])
    return [promised.told, promised.goal, seen, verdict === 'missed' ? '**missed**' : verdict, `[${promised.run}](#${promised.run})`]
  }))
}

function runSection (name: RunName, report: Report | undefined): string {
  const command = `\`npm run bench -- ${runs[name]} --json docs/performance/${name}.json\``
  const seen = report === undefined ? 'Not measured yet.' : `${report.startedAt.slice(0, 10)}:\n\n\`\`\`text\n${reportTable(report)}\n\`\`\``
  return `### ${name}\n\n${command}\n\n${seen}`
}

/** From the project's folder. */
export function writtenReports (): Reports {
  const paths = Object.keys(runs).map(name => [name, join('docs', 'performance', `${name}.json`)] as const)
  return Object.fromEntries(paths.filter(([, path]) => existsSync(path)).map(([name, path]) => [name, readReport(path)]))
}

/** What only people can say: why a promise is missed, and what comes next. */
export function writtenNotes (): string {
  return readFileSync(join('docs', 'performance', 'notes.md'), 'utf8')
}
