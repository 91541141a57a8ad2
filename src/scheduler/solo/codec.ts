import { AgentError, messageOf } from '../../model/errors.ts'
import { parseJson, printJson, readJson } from '../../wire/json.ts'
import { decodeProtobuf, encodeProtobuf } from '../../wire/protobuf.ts'
import type { scheduler } from '../../wire/messages.ts'

interface Codec {
  decode (body: Buffer): scheduler.Call
  encode (event: scheduler.Event): string | Uint8Array
}

/** The first is what a client gets that accepts both. */
const codecs = {
  'application/json': {
    decode: body => {
      const value = orRefuse('Failed to parse body into JSON', () => readJson(body.toString('utf8')))
      return orRefuse('Failed to convert JSON into Call protobuf', () => parseJson('scheduler.Call', value))
    },
    encode: event => printJson('scheduler.Event', event),
  },
  'application/x-protobuf': {
    decode: body => {
      try {
        return decodeProtobuf('scheduler.Call', body)
      } catch {
        throw new AgentError('SPEC_INVALID', 'Failed to parse body into Call protobuf')
      }
    },
    encode: event => encodeProtobuf('scheduler.Event', event),
  },
} as const satisfies Record<string, Codec>

export type MediaType = keyof typeof codecs

export function isMediaType (text: string): text is MediaType {
  return Object.hasOwn(codecs, text)
}

/** Throws SPEC_INVALID with the words of a Mesos master. */
export function decodeCall (mediaType: MediaType, body: Buffer): scheduler.Call {
  return codecs[mediaType].decode(body)
}

export function encodeEvent (mediaType: MediaType, event: scheduler.Event): string | Uint8Array {
  return codecs[mediaType].encode(event)
}

/** Which of the two an Accept header allows; JSON where it allows both or is not there. */
export function acceptedMediaType (accept: string | undefined): MediaType | undefined {
  if (accept === undefined || accept.trim() === '') return 'application/json'
  const ranges = accept.split(',').filter(range => !/;\s*q=0(\.0*)?\s*$/.test(range))
    .map(range => range.split(';', 1)[0]?.trim().toLowerCase())
  const isAccepted = (type: string): boolean => ranges.some(range => range === type || range === '*/*' || range === 'application/*')
  return (Object.keys(codecs) as MediaType[]).find(isAccepted)
}

function orRefuse<T> (prefix: string, decode: () => T): T {
  try {
    return decode()
  } catch (error) {
    throw new AgentError('SPEC_INVALID', `${prefix}: ${messageOf(error)}`)
  }
}
