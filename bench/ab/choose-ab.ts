import { parseArgs } from 'node:util'
import type { Turns } from './run-ab.ts'

/** One turn decides little on a machine that is never quite quiet. */
const defaultRounds = 5
const options = { rounds: { type: 'string' }, json: { type: 'string' } } as const

/** The words after `ab`: its own options come before the bench's name, the bench's after it. */
export function chooseAb (words: readonly string[]): Turns {
  const split = nameAt(words) + 1
  const { values: { rounds = String(defaultRounds), json }, positionals } = parseArgs({ args: words.slice(0, split), allowPositionals: true, options })
  const [a, b, bench] = positionals
  if (a === undefined || b === undefined || bench === undefined) throw new Error('ab takes two revisions and the name of a bench')
  if (!/^[1-9]\d{0,2}$/.test(rounds)) throw new Error(`--rounds is a whole number from 1 on, not '${rounds}'`)
  return { revisions: [a, b], words: [bench, ...words.slice(split)], rounds: Number(rounds), ...json !== undefined && { json } }
}

/** Where the third word that is no option stands. */
function nameAt (words: readonly string[]): number {
  const { tokens } = parseArgs({ args: [...words], strict: false, tokens: true, allowPositionals: true, options })
  return tokens.filter(({ kind }) => kind === 'positional')[2]?.index ?? words.length
}
