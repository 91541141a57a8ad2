import { Refusal } from './refusal.ts'

/** The `filters` of a query: name → accepted values. Both forms of the API: {"label":["a"]} and {"label":{"a":true}}. */
export type Filters = ReadonlyMap<string, readonly string[]>

export function parseFilters (query: URLSearchParams, known: readonly string[]): Filters {
  const text = query.get('filters')
  if (text === null || text === '') return new Map()
  const valuesOf = (values: string[] | Record<string, boolean>): string[] => Array.isArray(values) ? values : Object.keys(values)
  const filters = new Map(Object.entries(parse(text)).map(([name, values]) => [name, valuesOf(values)]))
  const stranger = [...filters.keys()].find(name => !known.includes(name))
  if (stranger !== undefined) throw new Refusal(400, `Invalid filter '${stranger}'`)
  return filters
}

function parse (text: string): Record<string, string[] | Record<string, boolean>> {
  try {
    return JSON.parse(text) as Record<string, string[]>
  } catch {
    throw new Refusal(500, `invalid character '${text.charAt(1)}' looking for beginning of object key string`)
  }
}

/** True where no value is asked for, or one of them passes. */
export function someOf (values: readonly string[] | undefined, accepts: (value: string) => boolean): boolean {
  return values === undefined || values.length === 0 || values.some(accepts)
}

/** Every label asked for, as `key` or `key=value`, is there. */
export function hasLabels (labels: Readonly<Record<string, string>>, asked: readonly string[] | undefined): boolean {
  return (asked ?? []).every(text => {
    const [key = '', value] = text.split(/=(.*)/s)
    return value === undefined ? key in labels : labels[key] === value
  })
}
