import { isIP } from 'node:net'
import { Client, FTPError } from 'basic-ftp'
import { AgentError } from '../../../src/model/errors.ts'
import { checkAddress, guardedLookup } from '../guarded-lookup.ts'
import type { HttpClient } from '../http/http-client.ts'
import { passing } from '../repeatable.ts'
import { decoded } from '../target-name.ts'
import { trustedCertificates } from '../trusted-certificates.ts'

interface Kind { readonly secure: boolean | 'implicit', readonly port: number }

const kinds: Readonly<Record<string, Kind>> & { readonly 'ftp:': Kind } = {
  'ftp:': { secure: false, port: 21 }, 'ftps:': { secure: 'implicit', port: 990 }, 'ftpes:': { secure: true, port: 21 },
}
/** Replies from 400 to 499 are of trouble that may pass. */
const passingReplies = { from: 400, below: 500 }

export interface FtpSession extends Disposable {
  readonly client: Client
  /** As commands name the file: below the folder one is logged in to, unless it begins with a slash of its own. */
  readonly path: string
}

/** Logs in. `ftps:` is TLS from the first byte, as curl has it; `ftpes:` asks for it, as most servers want it. */
export async function startFtp ({ resolver, options }: HttpClient, url: URL, signal: AbortSignal): Promise<FtpSession> {
  signal.throwIfAborted()
  const client = new Client(0)       // the caller's signal is the deadline
  const onAbort = (): void => { client.close() }
  signal.addEventListener('abort', onAbort, { once: true })
  const close = (): void => {
    signal.removeEventListener('abort', onAbort)
    client.close()
  }
  try {
    const name = url.hostname.replace(/^\[|\]$/g, '')
    checkAddress(name, options.denyAddresses)
    const host = isIP(name) > 0 ? name : await addressOf(name, guardedLookup(resolver.lookup, options.denyAddresses))
    signal.throwIfAborted()
    const { secure, port: usual } = kinds[url.protocol] ?? kinds['ftp:']
    const port = url.port === '' ? usual : Number(url.port)
    const secureOptions = secure !== false ? { secureContext: trustedCertificates(options.caFile), ...isIP(name) === 0 && { servername: name } } : {}
    await client.access({ host, port, secure, secureOptions, ...loginOf(url) })
    return { client, path: decoded(url.pathname.slice(1)), [Symbol.dispose]: close }
  } catch (error) {
    close()
    signal.throwIfAborted()
    throw ftpFailure(error)
  }
}

function loginOf ({ username, password }: URL): { user: string, password: string } {
  return username === '' ? { user: 'anonymous', password: 'slipway@' } : { user: decoded(username), password: decoded(password) }
}

function addressOf (name: string, lookup: ReturnType<typeof guardedLookup>): Promise<string> {
  return new Promise((resolve, reject) => {
    lookup(name, {}, (error, address) => {
      if (error === null && typeof address === 'string') resolve(address)
      else reject(error ?? new Error(`${name} has no address`))
    })
  })
}

/** A server's refusal in its own words; a connection that broke may not break the next time. */
export function ftpFailure (error: unknown): unknown {
  if (error instanceof FTPError) {
    const isPassing = error.code >= passingReplies.from && error.code < passingReplies.below
    return isPassing ? passing(error.message) : new AgentError('FETCH_FAILED', error.message)
  }
  const isCut = error instanceof Error && (error as NodeJS.ErrnoException).code === undefined && /closed|FIN packet|transmission/.test(error.message)
  return isCut ? passing(error.message) : error
}
