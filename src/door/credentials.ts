import { createHash, timingSafeEqual } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { AgentError, messageOf } from '../model/errors.ts'

export interface Credential { readonly principal: string, readonly secret: string }

/** A file as Mesos has it: JSON, or lines of a name and a password. Throws SETTING_INVALID, which tells nothing of what is in it. */
export async function readCredentials (file: string | undefined): Promise<readonly Credential[]> {
  if (file === undefined) return []
  try {
    const credentials = parseCredentials(await readFile(file, 'utf8'))
    if (credentials.length === 0) throw new Error('there are no credentials in it')
    return credentials
  } catch (error) {
    throw new AgentError('SETTING_INVALID', `httpCredentials: ${file}: ${messageOf(error)}`, { file })
  }
}

export function parseCredentials (text: string): Credential[] {
  if (!text.trimStart().startsWith('{')) return text.split('\n').filter(line => line.trim() !== '').map(parseLine)
  const { credentials } = parseJson(text)
  if (!Array.isArray(credentials)) throw new Error('expected {"credentials": [{"principal": …, "secret": …}]}')
  return credentials.map((one: unknown, at) => {
    const { principal, secret } = (one ?? {}) as Partial<Record<string, unknown>>
    return checked(principal, secret, `credentials[${at}]`)
  })
}

function parseJson (text: string): { credentials?: unknown } {
  try {
    return JSON.parse(text) as { credentials?: unknown }
  } catch {
    throw new Error('it is no JSON')            // the parser's own words hold a piece of the file
  }
}

function parseLine (line: string, at: number): Credential {
  const [principal, secret, ...more] = line.trim().split(/\s+/)
  return checked(principal, more.length > 0 ? undefined : secret, `line ${at + 1}`)
}

function checked (principal: unknown, secret: unknown, where: string): Credential {
  if (typeof principal !== 'string' || principal === '' || principal.includes(':')) throw new Error(`${where}: the principal must be a text without a colon`)
  if (typeof secret !== 'string' || secret === '') throw new Error(`${where}: the secret must be a text`)
  return { principal, secret }
}

/** Whether an Authorization header names one of them. The time that it takes tells nothing of the secrets. */
export function isKnown (header: string | undefined, credentials: readonly Credential[]): boolean {
  const [, encoded] = /^basic +([\w+/-]+=*)$/i.exec(header ?? '') ?? []
  if (encoded === undefined) return false
  const given = digest(Buffer.from(encoded, 'base64').toString('utf8'))
  return credentials.map(({ principal, secret }) => timingSafeEqual(given, digest(`${principal}:${secret}`))).includes(true)
}

function digest (text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
