import { readFileSync } from 'node:fs'
import { schema, statistics, type Figure, type Report } from './report.ts'

/** A report that a bench has written; what is something else is refused, with the file and what is wrong about it. */
export function readReport (path: string): Report {
  try {
    return parseReport(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new Error(`${path} is no report of a bench: ${(error as Error).message}`)
  }
}

/** JSON has no word for what is not a number, and writes null. */
export function parseReport (text: string): Report {
  const found = JSON.parse(text, (_, value: unknown) => value === null ? NaN : value) as { [N in keyof Report]?: unknown } | undefined
  if (typeof found !== 'object') throw new Error('it is not an object')
  if (found.schema === undefined) throw new Error('it has no schema')
  if (found.schema !== schema) throw new Error(`its schema is ${JSON.stringify(found.schema)}, and this version reads ${schema}`)
  for (const name of ['bench', 'startedAt'] as const) if (typeof found[name] !== 'string') throw new Error(`its ${name} is no text`)
  for (const name of ['options', 'machine', 'revision'] as const) if (typeof found[name] !== 'object') throw new Error(`its ${name} is no object`)
  if (typeof found.seconds !== 'number') throw new Error('its seconds are no number')
  if (!Array.isArray(found.rows)) throw new Error('its rows are no list')
  for (const [at, figure] of found.rows.entries()) checkFigure(figure as Partial<Figure> | undefined, at)
  return found as unknown as Report
}

function checkFigure (figure: Partial<Figure> | undefined, at: number): void {
  if (typeof figure !== 'object' || typeof figure.name !== 'string' || typeof figure.unit !== 'string') throw new Error(`rows[${at}] has no name and unit`)
  const wrong = statistics.find(statistic => !['number', 'undefined'].includes(typeof figure[statistic]))
  if (wrong !== undefined) throw new Error(`rows[${at}].${wrong} is no number`)
}
