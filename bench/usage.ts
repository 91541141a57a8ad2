import { loadBenches } from './load/all.ts'
import { microBenches } from './micro/all.ts'

export const usage = `usage: npm run bench -- NAME [options] [--json FILE]

Of the whole agent on a real engine (they take root, or an engine in SLIPWAY_TEST_ENGINE):
${Object.entries(loadBenches).map(([name, { about, options }]) => [
  `  ${name.padEnd(18)}${about}`,
  ...Object.entries(options).map(([option, { form, about, default: otherwise }]) =>
    `      --${`${option} ${form}`.padEnd(26)} ${about}${tellDefault(otherwise)}`),
].join('\n')).join('\n')}

Of a piece of it:
  micro             all of these: ${Object.keys(microBenches).join(', ')}

Each prints a table; --json FILE gets the same figures.`

function tellDefault (value: string | number): string {
  return value === '' ? '' : `; ${value}`
}
