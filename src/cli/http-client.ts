import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import { startDeadline } from '../base/deadline.ts'
import { AgentError, errorCodes, messageOf, type ErrorCode } from '../model/errors.ts'
import type { Server } from './server.ts'

export interface Request {
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** JSON, as text. */
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
}

const callTimeoutMs = 10_000
const longestErrorBytes = 64 * 1024
const redirections: ReadonlySet<number> = new Set([301, 302, 307, 308])

/** One answer as JSON (undefined where there is no body), within ten seconds. Anything but 2xx is thrown as an AgentError. */
export async function call (server: Server, request: Request, signal?: AbortSignal): Promise<unknown> {
  const text = await callText(server, request, { signal })
  try {
    return text === '' ? undefined : JSON.parse(text)
  } catch {
    throw new AgentError('AGENT_UNREACHABLE', `${server.url} does not speak JSON; is it a Slipway agent?`)
  }
}

/** The same as text. `latin1`: a byte a character, for what is not all text. */
export async function callText (server: Server, request: Request, { signal, encoding = 'utf8' }: CallOptions): Promise<string> {
  using deadline = startDeadline(signal, callTimeoutMs, () => silent(server))
  const answer = await open(server, request, deadline.signal)
  return await readText(answer, { limit: Infinity, signal: deadline.signal, encoding })
}

export interface CallOptions { readonly signal?: AbortSignal | undefined, readonly encoding?: 'utf8' | 'latin1' }

/** Another server is to be asked: a master that does not lead names the one that does. */
export class Redirected extends AgentError {
  readonly location: URL
  constructor (server: Server, location: URL) {
    super('AGENT_UNREACHABLE', `${server.url} sends us on to ${location.host}`)
    this.location = location
  }
}

/** The open answer of a 2xx, which begins within ten seconds; its body is the caller's to read. */
export async function open (server: Server, request: Request, signal: AbortSignal): Promise<IncomingMessage> {
  const answer = await send(server, request, signal)
  const status = answer.statusCode ?? 0
  if (status >= 200 && status < 300) return answer
  const text = await readText(answer, { limit: longestErrorBytes, signal, encoding: 'utf8' })
  const location = redirections.has(status) ? locationOf(server, answer) : undefined
  throw location ? new Redirected(server, location) : refused(server, status, text)
}

function send (server: Server, { method, path, body, headers }: Request, signal: AbortSignal): Promise<IncomingMessage> {
  const url = new URL(server.url + path)
  const { request } = url.protocol === 'https:' ? https : http
  return new Promise((resolve, reject) => {
    const outgoing = request(url, {
      method,
      signal,
      headers: {
        ...authorization(server),
        ...(body !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
        accept: 'application/json',
        ...headers,
      },
    })
    const patience = setTimeout(() => { outgoing.destroy(silent(server)) }, callTimeoutMs)
    outgoing.on('response', resolve)
    outgoing.on('error', error => { reject(signal.aborted ? signal.reason : unreachable(server, error)) })
    for (const end of ['response', 'error'] as const) outgoing.once(end, () => { clearTimeout(patience) })
    outgoing.end(body)
  })
}

function authorization ({ token, credential }: Server): Record<string, string> {
  if (credential) return { authorization: `Basic ${Buffer.from(`${credential.principal}:${credential.secret}`).toString('base64')}` }
  return token === undefined ? {} : { authorization: `Bearer ${token}` }
}

/** Masters write `//host:port/path`. What was said in secret is not said again in the open. */
function locationOf ({ url }: Server, { headers: { location = '' } }: IncomingMessage): URL | undefined {
  const found = URL.canParse(location, url) ? new URL(location, url) : undefined
  return found?.protocol === 'https:' || (found?.protocol === 'http:' && url.startsWith('http:')) ? found : undefined
}

interface Reading { readonly limit: number, readonly signal: AbortSignal, readonly encoding: 'utf8' | 'latin1' }

async function readText (answer: IncomingMessage, { limit, signal, encoding }: Reading): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      chunks.push(chunk)
      size += chunk.length
      if (size > limit) break
    }
  } catch (error) {
    throw signal.aborted ? signal.reason : new AgentError('AGENT_UNREACHABLE', 'the answer broke off', {}, error)
  }
  return Buffer.concat(chunks).toString(encoding)
}

function refused (server: Server, status: number, text: string): AgentError {
  const { code, message } = errorOf(text)
  const told = message || text.trim().slice(0, 1000) || http.STATUS_CODES[status] || 'no reason given'
  if (status === 401 && server.credential) return new AgentError('UNAUTHORIZED', `${server.url} refuses '${server.credential.principal}' of --credential`)
  const aboutToken = server.token === undefined ? 'wants a token and none was found' : 'refuses the token'
  if (status === 401) return new AgentError('UNAUTHORIZED', `${server.url} ${aboutToken}`)
  if (status === 503) return new AgentError('AGENT_UNREACHABLE', `${server.url} is not ready: ${told}`, { status })
  return new AgentError(code ?? (status === 404 ? 'NOT_FOUND' : 'INTERNAL'), `${server.url} answered ${status}: ${told}`, { status })
}

/** The body of a refusal, where it is one of our own: `{ error: { code, message } }`. */
function errorOf (text: string): { code?: ErrorCode | undefined, message?: string | undefined } {
  try {
    const { error } = JSON.parse(text) as { error?: { code?: unknown, message?: unknown } }
    const code = typeof error?.code === 'string' && Object.hasOwn(errorCodes, error.code) ? error.code as ErrorCode : undefined
    return { code, message: typeof error?.message === 'string' ? error.message : undefined }
  } catch {
    return {}
  }
}

function unreachable (server: Server, error: Error): AgentError {
  if (error instanceof AgentError) return error
  const code = (error as NodeJS.ErrnoException).code
  return new AgentError('AGENT_UNREACHABLE', `no answer from ${server.url} (${code ?? messageOf(error)})`)
}

function silent (server: Server): AgentError {
  return new AgentError('AGENT_UNREACHABLE', `${server.url} did not answer within ${callTimeoutMs / 1000} s`)
}
