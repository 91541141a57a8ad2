import { parseArgs } from 'node:util'
import { chooseAb } from './ab/choose-ab.ts'
import type { Turns } from './ab/run-ab.ts'
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
  | { readonly compare: readonly [pathA: string, pathB: string] }
  | { readonly ab: Turns }
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
  if (name === 'compare') return { compare: twoFiles(words) }
  if (name === 'ab') return { ab: chooseAb(words) }
  if (Object.hasOwn(loadBenches, name)) {
    const load = loadBenches[name] as LoadBench
    return { name, load, ...readWords(name, words, load.options) }
  }
  const micro = microsOf(name)
  if (micro === undefined) throw new Error(`there is no bench '${name}'`)
  const { outputs } = readWords(name, words, {})
  return { name, micro, outputs }
}

function twoFiles (words: readonly string[]): readonly [string, string] {
  const { positionals: [a, b, ...others] } = parseArgs({ args: [...words], allowPositionals: true })
  if (a === undefined || b === undefined || others.length > 0) throw new Error('compare takes two files that --json has written')
  return [a, b]
}

function microsOf (name: string): readonly Register[] | undefined {
  if (name === 'micro') return Object.values(microBenches)
  const register = Object.hasOwn(microBenches, name) ? microBenches[name] : undefined
  return register && [register]
}

/** The one place where options are read: those of every bench, and its own. */
function readWords (bench: string, words: readonly string[], own: Options): { readonly outputs: Outputs, readonly values: Values } {
  const strings = Object.fromEntries(['json', 'html', ...Object.keys(own)].map(name => [name, { type: 'string' as const }]))
  const { values: { json, html, ...given } } = parseArgs({ args: joined(words, Object.keys(strings)), options: strings })
  const values = Object.entries(own).map(([name, { default: otherwise, form, read }]) => {
    const word = given[name]
    const value = word === undefined ? otherwise : read(String(word))
    if (value === undefined) throw new Error(`--${name} of '${bench}' is ${form}, not '${String(word)}'`)
    return [name, value] as const
  })
  const outputs = { ...json !== undefined && { json: String(json) }, ...html !== undefined && { html: String(html) } }
  return { outputs, values: Object.fromEntries(values) }
}

/** A word after an option is its value, also one that begins with a dash, unless it is an option itself. */
function joined (words: readonly string[], names: readonly string[]): string[] {
  const isOption = (word: string | undefined): boolean => names.some(name => word === `--${name}` || word?.startsWith(`--${name}=`))
  const isValue = (at: number): boolean => names.includes(words[at - 1]?.slice(2) ?? '') && isOption(words[at - 1]) && !isOption(words[at])
  return words.flatMap((word, at) => isValue(at) ? [] : isValue(at + 1) && at + 1 < words.length ? [`${word}=${words[at + 1]}`] : [word])
}
