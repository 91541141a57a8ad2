import { loadBenches } from './load/all.ts'
import { microBenches } from './micro/all.ts'

export const usage = `usage: npm run bench -- NAME [options] [--json FILE] [--html FILE]

Of the whole agent on a real engine (they take root, or an engine in SLIPWAY_TEST_ENGINE; fetch needs neither):
${Object.entries(loadBenches).map(([name, { about, options }]) => [
  `  ${name.padEnd(18)}${about}`,
  ...Object.entries(options).map(([option, { form, about, default: otherwise }]) =>
    `      --${`${option} ${form}`.padEnd(26)} ${about}${tellDefault(otherwise)}`),
].join('\n')).join('\n')}

Of a piece of it:
  micro             all of these: ${Object.keys(microBenches).join(', ')}

Of two runs:
  compare A.json B.json
                    figure by figure, and which is better
  ab [--rounds N] [--json FILE] REV1 REV2 NAME [options]
                    the bench of two revisions in turns, N (5) each, built in folders of their own; the medians, compared.
                    A revision is what git takes for one, or '.': this folder as it is

Each bench prints a table; --json FILE gets the same figures, --html FILE a page with curves that needs no network.`

function tellDefault (value: string | number): string {
  return value === '' ? '' : ` (${value})`
}
