import { parseArgs } from 'node:util'
import { loadBenches } from './load/all.ts'
import type { LoadBench } from './load/load-bench.ts'
import { microBenches } from './micro/all.ts'
import type { Register } from './micro/register.ts'
import type { Options } from './options.ts'
import type { Outputs } from './report/write-report.ts'
import { usage } from './usage.ts'

export type Values = Readonly<Record<string, string | number>>
interface Common { readonly name: string, readonly outputs: Outputs }
export type Choice =
  | Common & { readonly micro: readonly Register[] }
  | Common & { readonly load: LoadBench, readonly values: Values }
  | { readonly refusal: string }
  | { readonly help: string }

/** What the words of the command line ask for. */
export function choose (words: readonly string[]): Choice {
  try {
    return choice(words)
  } catch (error) {
    return { refusal: `${(error as Error).message}\n\n${usage}` }
  }
}

function choice ([name, ...words]: readonly string[]): Choice {
  if (name === undefined) return { refusal: usage }
  if (name === '--help' || words.includes('--help')) return { help: usage }
  if (Object.hasOwn(loadBenches, name)) {
    const load = loadBenches[name] as LoadBench
    return { name, load, ...readWords(name, words, load.options) }
  }
  const micro = microsOf(name)
  if (micro === undefined) throw new Error(`there is no bench '${name}'`)
  const { outputs } = readWords(name, words, {})
  return { name, micro, outputs }
}

function microsOf (name: string): readonly Register[] | undefined {
  if (name === 'micro') return Object.values(microBenches)
  const register = Object.hasOwn(microBenches, name) ? microBenches[name] : undefined
  return register && [register]
}

/** The one place where options are read: those of every bench, and its own. */
function readWords (bench: string, words: readonly string[], own: Options): { readonly outputs: Outputs, readonly values: Values } {
  const strings = Object.fromEntries(['json', 'html', ...Object.keys(own)].map(name => [name, { type: 'string' as const }]))
  const { values: { json, html, ...given } } = parseArgs({ args: [...words], options: strings })
  const values = Object.entries(own).map(([name, { default: otherwise, form, read }]) => {
    const word = given[name]
    const value = word === undefined ? otherwise : read(String(word))
    if (value === undefined) throw new Error(`--${name} of '${bench}' is ${form}, not '${String(word)}'`)
    return [name, value] as const
  })
  const outputs = { ...json !== undefined && { json: String(json) }, ...html !== undefined && { html: String(html) } }
  return { outputs, values: Object.fromEntries(values) }
}
