import { microBenches } from './micro/all.ts'
import type { Register } from './micro/register.ts'

/** Of the whole agent on a real engine; named here so that their names are taken. */
const loadBenches = ['launch', 'kill', 'restart', 'soak']

export const usage = `usage: npm run bench -- NAME [OUT.json]

  micro         all of these, one after the other:
${Object.keys(microBenches).map(name => `    ${name}`).join('\n')}

Prints the median and the 99th percentile of each; OUT.json gets the same figures.`

export type Choice = { readonly registers: readonly Register[], readonly out: string | undefined } | { readonly refusal: string }

/** What the words of the command line ask for. */
export function choose ([name, out, ...rest]: readonly string[]): Choice {
  if (name === undefined || rest.length > 0) return { refusal: usage }
  if (loadBenches.includes(name)) return { refusal: `the load bench '${name}' is not part of this version yet; there are micro benches only\n\n${usage}` }
  if (name === 'micro') return { registers: Object.values(microBenches), out }
  const register = Object.hasOwn(microBenches, name) ? microBenches[name] : undefined
  return register === undefined ? { refusal: `there is no bench '${name}'\n\n${usage}` } : { registers: [register], out }
}
