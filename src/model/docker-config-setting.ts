import { parseDockerConfig } from './docker-config.ts'
import { messageOf } from './errors.ts'
import { path, type SettingType } from './setting-types.ts'

/** A docker config as JSON, which nobody is shown again, or the path of one. */
export const dockerConfig: SettingType<string> = {
  shown: 'json|path',
  form: 'the path of a docker `config.json` or `.dockercfg`, with or without `file://`; or its JSON',
  redact: value => typeof value === 'string' && !isJson(value) ? value : '(hidden)',
  parse (written) {
    if (!isJson(written)) return path.parse(written.replace(/^file:\/\//, ''))
    check(written)
    return written.trim()
  },
}

function check (written: string): void {
  try {
    parseDockerConfig(written, 'it')
  } catch (error) {
    throw new Error(`expected the path of a docker config, or its JSON (${messageOf(error)})`)
  }
}

function isJson (written: string): boolean {
  return /^\s*[{["]/.test(written)
}
