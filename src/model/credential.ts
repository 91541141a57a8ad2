import { readFileSync } from 'node:fs'
import { AgentError, messageOf } from './errors.ts'

/** Who somebody is to a Mesos master or agent, and what proves it. The secret is never shown. */
export interface Credential {
  readonly principal: string
  readonly secret: string
}

/** A file as Mesos has it: JSON, or one line `principal secret`. Throws SETTING_INVALID, which names the flag and nothing of the contents. */
export function readCredential (path: string, flag = '--credential'): Credential {
  const written = readText(path, flag).trim()
  const [principal, secret] = written.startsWith('{') ? fromJson(written) : written.split(/\s+/, 2)
  if (typeof principal === 'string' && principal !== '' && typeof secret === 'string' && secret !== '') return { principal, secret }
  throw new AgentError('SETTING_INVALID', `${flag}: ${path} holds no {"principal": "…", "secret": "…"}, nor a line with both`)
}

function readText (path: string, flag: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new AgentError('SETTING_INVALID', `${flag}: ${path} cannot be read (${messageOf(error)})`)
  }
}

/** What is wrong with it is not told: the parser's words have parts of the text. */
function fromJson (written: string): [unknown, unknown] {
  try {
    const { principal, secret } = JSON.parse(written) as Record<string, unknown>
    return [principal, secret]
  } catch {
    return [undefined, undefined]
  }
}
