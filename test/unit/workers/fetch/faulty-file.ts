import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'

/** What is wrong with one answer. */
export interface Fault {
  /** Nothing but this status. */
  readonly status?: number
  readonly headers?: Record<string, string>
  /** The connection ends after so many bytes of this answer. */
  readonly cutAfter?: number
  /** It says nothing more after so many bytes. */
  readonly hangAfter?: number
  /** The part that is sent begins so much later than asked. */
  readonly shift?: number
  /** The file is another by now. */
  readonly body?: Buffer
  readonly etag?: string
  /** A part of the new version in answer to If-Range of the old one. */
  readonly ignoresIfRange?: true
  readonly ignoresRange?: true
  /** In place of the answer. */
  readonly drop?: true
}

export interface FaultyFile {
  readonly page: RequestListener
  /** Each request: its Range and If-Range. */
  readonly asked: string[]
}

interface Version { readonly etag?: string, readonly lastModified?: string }

/** A file that servers have as they should, but for one fault after the other; then without any. */
export function faultyFile (body: Buffer, version: Version, faults: readonly Fault[]): FaultyFile {
  const asked: string[] = []
  const left = [...faults]
  return {
    asked,
    page (request, response) {
      asked.push([request.headers.range, request.headers['if-range']].filter(Boolean).join(' '))
      answer(request, response, { ...version, body, ...left.shift() })
    },
  }
}

type Answer = Fault & Version & { readonly body: Buffer }

function answer (request: IncomingMessage, response: ServerResponse, given: Answer): void {
  const { status, body, drop } = given
  if (drop) {
    request.socket.destroy()
    return
  }
  if (status !== undefined) {
    response.writeHead(status, given.headers).end()
    return
  }
  const { start, isPart } = partOf(request, given)
  const rest = body.subarray(start)
  response.writeHead(isPart ? 206 : 200, {
    'content-length': rest.length,
    ...given.etag === undefined ? {} : { etag: given.etag },
    ...given.lastModified === undefined ? {} : { 'last-modified': given.lastModified },
    ...isPart ? { 'content-range': `bytes ${start}-${body.length - 1}/${body.length}` } : {},
    ...given.headers,
  })
  send(response, rest, given)
}

function partOf (request: IncomingMessage, { etag, lastModified, shift = 0, ignoresIfRange, ignoresRange }: Answer): { start: number, isPart: boolean } {
  const [, from] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? []
  const condition = String(request.headers['if-range'])
  const isSame = ignoresIfRange === true || condition === etag || condition === lastModified
  return from === undefined || !isSame || ignoresRange ? { start: 0, isPart: false } : { start: Number(from) + shift, isPart: true }
}

function send (response: ServerResponse, rest: Buffer, { cutAfter, hangAfter }: Answer): void {
  if (cutAfter !== undefined) response.write(rest.subarray(0, cutAfter), () => { response.destroy() })
  else if (hangAfter !== undefined) response.write(rest.subarray(0, hangAfter))
  else response.end(rest)
}
