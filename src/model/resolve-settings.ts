import { AgentError, messageOf } from './errors.ts'
import { envOf, flagOf, mesosEnvOf, rows, settingNames, type Config, type SettingName, type Surroundings } from './settings.ts'

export interface SettingSources {
  /** Flags as written, by setting name or Mesos name. */
  readonly flags: Readonly<Record<string, unknown>>
  /** The parsed config file and its name, for faults. */
  readonly file?: { readonly name: string, readonly content: unknown } | undefined
  readonly surroundings: Surroundings
}

interface Written { readonly value: unknown, readonly source: string }

/** Flag over environment over file over default; an empty variable is none. Throws one SETTING_INVALID that tells all faults. */
export function resolveSettings (sources: SettingSources): Config {
  const faults = fileFaults(sources.file)
  const config: Partial<Record<SettingName, unknown>> = {}
  for (const name of settingNames) {
    const written = find(name, sources)
    if (written === undefined) continue
    try {
      config[name] = rows[name].type.parse(asText(written.value))
    } catch (error) {
      faults.push(`${name}: ${messageOf(error)}, not ${shown(name, written.value)} (${written.source})`)
    }
  }
  if (faults.length > 0) throw new AgentError('SETTING_INVALID', faults.join('\n'), { faults: faults.length })
  return Object.freeze(config) as Config
}

function find (name: SettingName, { flags, file, surroundings }: SettingSources): Written | undefined {
  const { mesos, default: otherwise } = rows[name]
  const { env } = surroundings
  const places: Written[] = [
    { value: flags[name], source: `flag ${flagOf(name)}` },
    { value: mesos && flags[mesos], source: `flag --${mesos}` },
    { value: env[envOf(name)] || undefined, source: `environment ${envOf(name)}` },
    { value: (mesos && env[mesosEnvOf(mesos)]) || undefined, source: `environment ${mesosEnvOf(mesos ?? '')}` },
    { value: isObject(file?.content) && Object.hasOwn(file.content, name) ? file.content[name] : undefined, source: `file ${file?.name}` },
    { value: typeof otherwise === 'function' ? otherwise(surroundings) : otherwise, source: 'default' },
  ]
  return places.find(({ value }) => value !== undefined)
}

function fileFaults (file: SettingSources['file']): string[] {
  if (!file) return []
  if (!isObject(file.content)) return [`expected a JSON object of settings (file ${file.name})`]
  return Object.keys(file.content)
    .filter(key => !Object.hasOwn(rows, key))
    .map(key => `${key}: no such setting (file ${file.name})`)
}

function shown (name: SettingName, value: unknown): string {
  return rows[name].type.redact?.(value) ?? JSON.stringify(value)
}

/** JSON has numbers and booleans where a command line has texts. */
function asText (value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw new Error('expected a text, a number or a boolean')
}

function isObject (value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
