import { AgentError } from '../../../src/model/errors.ts'
import { shownUri } from '../../../src/model/uri.ts'
import { basic } from './basic.ts'
import type { ChosenBy, HttpClient, Response } from './http-client.ts'
import { statusText } from './refuse-status.ts'

const maxRedirects = 10
const redirects = new Set([301, 302, 303, 307, 308])

export interface Wanted {
  readonly url: URL
  readonly chosenBy: ChosenBy
  readonly method?: 'GET' | 'HEAD'
  readonly headers?: Record<string, string>
  /** Headers that prove who asks, for each address anew; undefined: those of the URL's own user. Throws where they must not go. */
  readonly authorize?: (url: URL, headers: Record<string, string>, method: 'GET' | 'HEAD') => Promise<Record<string, string>>
  /** What an error's body says, in a few words. */
  readonly explain?: (body: string) => string | undefined
}

/** Bytes as they are: a compressed transfer of an archive would be stored as such. */
const plainHeaders = { 'accept': '*/*', 'accept-encoding': 'identity', 'user-agent': 'slipway' }

/** Follows redirects to the answer itself. User and password of the URI go to its own origin alone. */
export async function followRedirects (client: HttpClient, wanted: Wanted, signal: AbortSignal): Promise<Response> {
  const { url: first, method = 'GET', authorize = userOf(first) } = wanted
  let url = first
  for (let hops = 0; hops <= maxRedirects; hops++) {
    const headers = await authorize(url, { ...plainHeaders, ...wanted.headers }, method)
    const chosenBy = wanted.chosenBy === 'task' && url.hostname !== first.hostname ? 'redirect' : wanted.chosenBy
    const response = await client.send({ url: bare(url), headers, chosenBy, method }, signal)
    if (!redirects.has(response.statusCode) || response.headers['location'] === undefined) return response
    response.body.on('error', () => {}).destroy()       // what else it says is of no use
    url = nextUrl(response, url)
  }
  throw new AgentError('FETCH_FAILED', `more than ${maxRedirects} redirects`)
}

function nextUrl ({ statusCode, headers }: Response, from: URL): URL {
  const location = headers['location']
  if (typeof location !== 'string' || !URL.canParse(location, from.href)) {
    throw new AgentError('FETCH_FAILED', `${statusText(statusCode)}, redirected to what is not a URI`)
  }
  const url = new URL(location, from)
  if (url.protocol === from.protocol || (from.protocol === 'http:' && url.protocol === 'https:')) return url
  throw new AgentError('FETCH_FAILED', `${statusText(statusCode)}, redirected to another scheme: ${shownUri(url.href)}`)
}

function userOf (first: URL): NonNullable<Wanted['authorize']> {
  return async (url, headers) => {
    const user = url.origin === first.origin ? first : url
    return user.username === '' && user.password === '' ? headers : { ...headers, authorization: basic(user) }
  }
}

function bare (url: URL): URL {
  const without = new URL(url)
  without.username = without.password = without.hash = ''
  return without
}
