import { AgentError, messageOf } from '../model/errors.ts'
import { parseJson, printJson, readJson } from './json.ts'
import type { MessageTypes } from './messages.ts'
import { decodeProtobuf, encodeProtobuf } from './protobuf.ts'

/** The two ways in which a message travels over HTTP. The first is what a client gets that accepts both. */
const mediaTypes = ['application/json', 'application/x-protobuf'] as const
export type MediaType = typeof mediaTypes[number]

export function isMediaType (text: string): text is MediaType {
  return (mediaTypes as readonly string[]).includes(text)
}

/** The body of a call. Throws SPEC_INVALID with the words of Mesos. */
export function decodeBody<N extends keyof MessageTypes> (name: N, mediaType: MediaType, body: Buffer): MessageTypes[N] {
  if (mediaType === 'application/json') {
    const value = orRefuse('Failed to parse body into JSON', () => readJson(body.toString('utf8')))
    return orRefuse('Failed to convert JSON into Call protobuf', () => parseJson(name, value))
  }
  try {
    return decodeProtobuf(name, body)
  } catch {
    throw new AgentError('SPEC_INVALID', 'Failed to parse body into Call protobuf')
  }
}

export function encodeBody<N extends keyof MessageTypes> (name: N, mediaType: MediaType, message: MessageTypes[N]): string | Uint8Array {
  return mediaType === 'application/json' ? printJson(name, message) : encodeProtobuf(name, message)
}

/** Which of the two an Accept header allows; JSON where it allows both or is not there. */
export function acceptedMediaType (accept: string | undefined): MediaType | undefined {
  if (accept === undefined || accept.trim() === '') return 'application/json'
  const ranges = accept.split(',').filter(range => !/;\s*q=0(\.0*)?\s*$/.test(range))
    .map(range => range.split(';', 1)[0]?.trim().toLowerCase())
  const isAccepted = (type: string): boolean => ranges.some(range => range === type || range === '*/*' || range === 'application/*')
  return mediaTypes.find(isAccepted)
}

function orRefuse<T> (prefix: string, decode: () => T): T {
  try {
    return decode()
  } catch (error) {
    throw new AgentError('SPEC_INVALID', `${prefix}: ${messageOf(error)}`)
  }
}
