import { microBenches } from './micro/all.ts'
import type { Register } from './micro/register.ts'

/** Of the whole agent on a real engine. */
const loadBenches = ['checks'] as const
export type LoadBench = typeof loadBenches[number]
/** Named here so that their names are taken. */
const notYet = ['launch', 'kill', 'restart', 'soak']

export const usage = `usage: npm run bench -- NAME [OUT.json]

  micro         all of these, one after the other:
${Object.keys(microBenches).map(name => `    ${name}`).join('\n')}
  checks        220 containers with checks: the agent's CPU, and how late checks are; takes root, an engine of its own, and minutes

Prints the median and the 99th percentile of each; OUT.json gets the same figures.`

interface Out { readonly out: string | undefined }
export type Choice = Out & { readonly registers: readonly Register[] } | Out & { readonly load: LoadBench } | { readonly refusal: string }

/** What the words of the command line ask for. */
export function choose ([name, out, ...rest]: readonly string[]): Choice {
  if (name === undefined || rest.length > 0) return { refusal: usage }
  const load = loadBenches.find(one => one === name)
  if (load !== undefined) return { load, out }
  if (notYet.includes(name)) return { refusal: `the load bench '${name}' is not part of this version yet\n\n${usage}` }
  if (name === 'micro') return { registers: Object.values(microBenches), out }
  const register = Object.hasOwn(microBenches, name) ? microBenches[name] : undefined
  return register === undefined ? { refusal: `there is no bench '${name}'\n\n${usage}` } : { registers: [register], out }
}
