import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isIP } from 'node:net'
import type { Credential } from '../model/credential.ts'
import { AgentError } from '../model/errors.ts'
import { resolveSettings } from '../model/resolve-settings.ts'
import { surroundings } from './surroundings.ts'
import { UsageError } from './report.ts'

/** Where a client command goes, and what opens the door there. */
export interface Server {
  readonly url: string
  readonly token: string | undefined
  /** Who we are where Mesos wants to know, in place of a token. */
  readonly credential?: Credential
  /** Finds the one that is to be asked now, where the address is that of a cluster. */
  readonly leader?: (signal: AbortSignal) => Promise<string>
}

export interface ServerOptions { readonly master?: string, readonly tokenFile?: string }

const defaultUrl = 'http://127.0.0.1:5051'

/** --master or SLIPWAY_MASTER; SLIPWAY_TOKEN, --token-file, or what an agent on this host has left in its default work directory. */
export function findServer ({ master, tokenFile }: ServerOptions, env = process.env): Server {
  const url = parseUrl(master ?? (env['SLIPWAY_MASTER'] || defaultUrl))
  return { url: url.href.replace(/\/$/, ''), token: findToken(url, tokenFile, env) }
}

function parseUrl (written: string): URL {
  const full = /^[a-z]+:\/\//i.test(written) ? written : `http://${written}`
  const url = URL.canParse(full) ? new URL(full) : undefined
  if (url && ['http:', 'https:'].includes(url.protocol)) return url
  throw new UsageError(`${written} is no address of an agent; expected one like ${defaultUrl}`)
}

function findToken (url: URL, tokenFile: string | undefined, env: NodeJS.ProcessEnv): string | undefined {
  if (env['SLIPWAY_TOKEN']) return checked(env['SLIPWAY_TOKEN'], 'SLIPWAY_TOKEN')
  if (tokenFile !== undefined) return readToken(tokenFile)
  // The token of this host's agent is not for whoever answers elsewhere.
  if (!isLoopback(url.hostname)) return undefined
  try {
    return readToken(join(defaultWorkDir(env), 'auth-token'))
  } catch {
    return undefined
  }
}

function defaultWorkDir (env: NodeJS.ProcessEnv): string {
  return resolveSettings({ flags: {}, surroundings: { ...surroundings(), env: onlyWorkDir(env) } }).workDir
}

/** Other settings may be faulty: that is the agent's business, not a client's. */
function onlyWorkDir (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const names = ['SLIPWAY_WORK_DIR', 'MESOS_WORK_DIR', 'XDG_STATE_HOME']
  return Object.fromEntries(names.map(name => [name, env[name]]))
}

function readToken (file: string): string {
  return checked(readText(file), `the token file ${file}`)
}

function readText (file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw AgentError.wrap(error, `the token file ${file} cannot be read`, {}, 'UNAUTHORIZED')
  }
}

/** One word that a header can hold; what it is instead is not told: it may be another secret. */
function checked (text: string, origin: string): string {
  const token = text.trim()
  if (/^[\x21-\x7e]+$/.test(token)) return token
  throw new AgentError('UNAUTHORIZED', `${origin} holds no token`)
}

function isLoopback (host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '')
  return bare === 'localhost' || bare === '::1' || (isIP(bare) === 4 && bare.startsWith('127.'))
}
