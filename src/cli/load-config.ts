import { readFileSync } from 'node:fs'
import { AgentError } from '../model/errors.ts'
import { resolveSettings, type SettingSources } from '../model/resolve-settings.ts'
import type { Config } from '../model/settings.ts'
import { surroundings } from './surroundings.ts'

/** The agent's configuration from flags, environment and the file that --config or SLIPWAY_CONFIG names. */
export function loadConfig (flags: Readonly<Record<string, unknown>>): Config {
  const around = surroundings()
  const name = typeof flags['config'] === 'string' ? flags['config'] : around.env['SLIPWAY_CONFIG'] || undefined
  return resolveSettings({ flags, file: name === undefined ? undefined : readConfigFile(name), surroundings: around })
}

function readConfigFile (name: string): NonNullable<SettingSources['file']> {
  try {
    return { name, content: JSON.parse(readFileSync(name, 'utf8')) }
  } catch (error) {
    throw AgentError.wrap(error, `the config file ${name} cannot be used`, {}, 'SETTING_INVALID')
  }
}
