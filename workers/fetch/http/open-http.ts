import { passing } from '../repeatable.ts'
import { plainMode, type Have, type Remote } from '../remote.ts'
import { followRedirects, type Wanted } from './follow-redirects.ts'
import type { HttpClient, Response } from './http-client.ts'
import { refuseStatus } from './refuse-status.ts'
import { isOlderBy, validatorOf } from './validators.ts'

/** Opens a file, where it was left if the server has the same version still. */
export async function openHttp (client: HttpClient, wanted: Wanted, have: Have | undefined, signal: AbortSignal): Promise<Remote> {
  const validator = have && validatorOf(have)
  const range = have !== undefined && validator !== undefined ? { 'range': `bytes=${have.bytes}-`, 'if-range': validator } : undefined
  const response = await followRedirects(client, { ...wanted, headers: { ...wanted.headers, ...range } }, signal)
  if (response.statusCode === 206 && have !== undefined && range !== undefined) return resumed(client, response, have)
  if (response.statusCode === 416 && range !== undefined) {
    discard(response)
    throw passing('the server has no more of it: it must have changed', { isStale: true })
  }
  if (response.statusCode !== 200) return await refuseStatus(response, wanted, signal)
  return { ...versionOf(response), ...bodyOf(client, response), offset: 0, totalBytes: lengthOf(response) }
}

/** Only the rest of the same file fits; anything else would make a file that never was. */
function resumed (client: HttpClient, response: Response, have: Have): Remote {
  const version = versionOf(response)
  const part = partOf(response)
  const isOther = differ(version.etag, have.etag) || differ(part.totalBytes, have.totalBytes)
  const isWrong = part.first !== have.bytes || differ(part.totalBytes, part.last + 1)
  if (isOther || isWrong) {
    discard(response)
    throw passing(isOther ? 'it changed on the server half-way' : 'the server sent another part of it than it was asked for', { isStale: true })
  }
  return { ...version, ...bodyOf(client, response), etag: version.etag ?? have.etag, offset: have.bytes, totalBytes: part.totalBytes ?? have.totalBytes }
}

function differ (a: unknown, b: unknown): boolean {
  return a !== undefined && b !== undefined && a !== b
}

function partOf (response: Response): { readonly first: number, readonly last: number, readonly totalBytes: number | undefined } {
  const [, first = NaN, last = NaN, total] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(headerOf(response, 'content-range') ?? '') ?? []
  return { first: Number(first), last: Number(last), totalBytes: total === undefined || total === '*' ? undefined : Number(total) }
}

function versionOf (response: Response): Omit<Remote, 'offset' | 'totalBytes' | 'chunks' | 'discard'> {
  const etag = headerOf(response, 'etag')
  const given = headerOf(response, 'last-modified')
  const lastModified = given
  const canResume = validatorOf({ etag, lastModified: isOlderBy(given, headerOf(response, 'date')) ? given : undefined }) !== undefined
  return { etag, lastModified, mode: plainMode, canResume }
}

export function bodyOf (client: HttpClient, response: Response): Pick<Remote, 'chunks' | 'discard'> {
  return { chunks: lentChunks(client, response.body), discard () { discard(response) } }
}

async function * lentChunks (client: HttpClient, body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    yield chunk
    client.giveBack(chunk)
  }
}

export function lengthOf (response: Response): number | undefined {
  const length = headerOf(response, 'content-length')
  return length !== undefined && /^\d+$/.test(length) ? Number(length) : undefined
}

export function headerOf ({ headers }: Response, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'string' ? value : undefined
}

/** Whatever else it says is of no use. */
function discard ({ body }: Response): void {
  body.on('error', () => {}).destroy()
}
