import { rows, settingNames, type Config } from '../../model/settings.ts'

const msUnits = [[604_800_000, 'weeks'], [86_400_000, 'days'], [3_600_000, 'hrs'], [60_000, 'mins'], [1000, 'secs']] as const
const byteUnits = [[2 ** 40, 'TB'], [2 ** 30, 'GB'], [2 ** 20, 'MB'], [2 ** 10, 'KB']] as const

/** The settings in force as a Mesos agent tells its flags: by Mesos's name where it has one, every value as text in Mesos's units. */
export function flagTexts (config: Config): Record<string, string> {
  const entries = settingNames.map(name => [rows[name].mesos ?? snakeCase(name), config[name], rows[name].type] as const)
  return Object.fromEntries(entries
    .flatMap(([name, value, { shown, redact }]) => value === undefined ? [] : [[name, redact?.(value) ?? textOf(value, shown)] as const])
    .sort(([a], [b]) => a < b ? -1 : 1))
}

function textOf (value: string | number | boolean | readonly string[], kind: string): string {
  if (typeof value !== 'number') return String(value)
  if (kind === 'time') return value === 0 ? '0ns' : inUnits(value, msUnits, 'ms')
  if (kind !== 'size') return String(value)
  return value === 0 ? '0B' : inUnits(value, byteUnits, 'B')
}

/** In the largest unit that needs no fraction. */
function inUnits (value: number, units: ReadonlyArray<readonly [number, string]>, smallest: string): string {
  const [scale, unit] = units.find(([size]) => value % size === 0) ?? [1, smallest]
  return `${value / scale}${unit}`
}

function snakeCase (name: string): string {
  return name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
}
