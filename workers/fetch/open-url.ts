import { STATUS_CODES } from 'node:http'
import { AgentError } from '../../src/model/errors.ts'
import { shownUri } from '../../src/model/uri.ts'
import type { HttpClient, Response } from './http-client.ts'
import { decoded } from './target-name.ts'

const maxRedirects = 10
const redirects = new Set([301, 302, 303, 307, 308])

export interface Remote {
  readonly totalBytes: number | undefined
  readonly chunks: AsyncIterable<Uint8Array>
}

/** Follows redirects to the file itself. User and password of the URI go to its own origin alone. */
export async function openUrl (client: HttpClient, first: URL, signal: AbortSignal): Promise<Remote> {
  let url = first
  for (let hops = 0; hops <= maxRedirects; hops++) {
    const response = await client.get(bare(url), headersFor(url, first), signal)
    const { statusCode, headers, body } = response
    if (statusCode === 200) return { totalBytes: lengthOf(headers), chunks: body as AsyncIterable<Uint8Array> }
    body.on('error', () => {}).destroy()       // what else it says is of no use
    url = nextUrl(response, url)
  }
  throw new AgentError('FETCH_FAILED', `more than ${maxRedirects} redirects`)
}

function nextUrl ({ statusCode, headers }: Response, from: URL): URL {
  const location = headers['location']
  if (!redirects.has(statusCode) || typeof location !== 'string') {
    throw new AgentError('FETCH_FAILED', `${statusCode} ${STATUS_CODES[statusCode] ?? ''}`.trim(), { status: statusCode })
  }
  if (!URL.canParse(location, from.href)) throw new AgentError('FETCH_FAILED', `${statusCode}, redirected to what is not a URI`)
  const url = new URL(location, from)
  if (url.protocol === 'http:' || url.protocol === 'https:') return url
  throw new AgentError('FETCH_FAILED', `${statusCode}, redirected to another scheme: ${shownUri(url.href)}`)
}

function bare (url: URL): URL {
  const without = new URL(url)
  without.username = without.password = without.hash = ''
  return without
}

function headersFor (url: URL, first: URL): Record<string, string> {
  // Bytes as they are: a compressed transfer of an archive would be stored as such.
  const headers = { 'accept': '*/*', 'accept-encoding': 'identity', 'user-agent': 'slipway' }
  const { username, password } = url.origin === first.origin ? first : url
  if (username === '' && password === '') return headers
  const credentials = Buffer.from(`${decoded(username)}:${decoded(password)}`)
  return { ...headers, authorization: `Basic ${credentials.toString('base64')}` }
}

function lengthOf (headers: Response['headers']): number | undefined {
  const length = headers['content-length']
  return typeof length === 'string' && /^\d+$/.test(length) ? Number(length) : undefined
}
