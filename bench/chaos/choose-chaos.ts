import { parseArgs } from 'node:util'

export interface ChaosChoice { readonly minutes: number, readonly seed: number }

const chaosUsage = `usage: npm run chaos -- --minutes N [--seed S]

Tasks that write, on an engine and an agent of their own, while both are killed, restarted and hung at random; it ends with what
was lost, leaked or doubled, and fails if anything was. A seed repeats the choices of a run. Takes root.`

/** What the words of the command line ask for. */
export function chooseChaos (words: readonly string[], anySeed: number): ChaosChoice | { readonly refusal: string } {
  try {
    const { values } = parseArgs({ args: [...words], options: { minutes: { type: 'string' }, seed: { type: 'string' } } })
    const minutes = Number(values.minutes ?? NaN)
    const seed = values.seed === undefined ? anySeed : Number(values.seed)
    if (!(minutes > 0) || !Number.isFinite(minutes)) return { refusal: `--minutes must be a number above 0\n\n${chaosUsage}` }
    if (!Number.isSafeInteger(seed) || seed < 0) return { refusal: `--seed must be a whole number\n\n${chaosUsage}` }
    return { minutes, seed }
  } catch (error) {
    return { refusal: `${(error as Error).message}\n\n${chaosUsage}` }
  }
}
