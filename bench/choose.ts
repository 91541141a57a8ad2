import { microBenches } from './micro/all.ts'
import type { Register } from './micro/register.ts'

/** Of the whole agent on a real engine. */
const loadBenches = ['checks', 'recovery'] as const
export type LoadBench = typeof loadBenches[number]
export interface LoadChoice { readonly load: LoadBench, readonly count: number }
/** Named here so that their names are taken. */
const notYet = ['launch', 'kill', 'restart', 'soak']

const defaultCount = 100

export const usage = `usage: npm run bench -- NAME [--count N] [OUT.json]

  micro         all of these, one after the other:
${Object.keys(microBenches).map(name => `    ${name}`).join('\n')}
  checks        220 containers with checks: the agent's CPU, and how late checks are; takes root, an engine of its own, and minutes
  recovery      an agent that is killed over --count containers (${defaultCount}): from its start to /health 200, and to all log pipes; takes root

Prints the median and the 99th percentile of each; OUT.json gets the same figures.`

interface Out { readonly out: string | undefined }
export type Choice = Out & { readonly registers: readonly Register[] } | Out & LoadChoice | { readonly refusal: string }

/** What the words of the command line ask for. */
export function choose (words: readonly string[]): Choice {
  const { count, others: [name, out, ...rest] } = takeCount(words)
  if (name === undefined || rest.length > 0) return { refusal: usage }
  if (count !== undefined && (name !== 'recovery' || !/^[1-9]\d{0,4}$/.test(count))) {
    return { refusal: `--count is a whole number, for 'recovery' alone\n\n${usage}` }
  }
  const load = loadBenches.find(one => one === name)
  if (load !== undefined) return { load, out, count: Number(count ?? defaultCount) }
  if (notYet.includes(name)) return { refusal: `the load bench '${name}' is not part of this version yet\n\n${usage}` }
  if (name === 'micro') return { registers: Object.values(microBenches), out }
  const register = Object.hasOwn(microBenches, name) ? microBenches[name] : undefined
  return register === undefined ? { refusal: `there is no bench '${name}'\n\n${usage}` } : { registers: [register], out }
}

function takeCount (words: readonly string[]): { readonly count: string | undefined, readonly others: readonly string[] } {
  const at = words.indexOf('--count')
  if (at < 0) return { count: undefined, others: words }
  return { count: words[at + 1] ?? '', others: [...words.slice(0, at), ...words.slice(at + 2)] }
}
