import { decodeBody, encodeBody, type MediaType } from '../../wire/media-type.ts'
import type { scheduler } from '../../wire/messages.ts'

export { acceptedMediaType, isMediaType, type MediaType } from '../../wire/media-type.ts'

/** Throws SPEC_INVALID with the words of a Mesos master. */
export function decodeCall (mediaType: MediaType, body: Buffer): scheduler.Call {
  return decodeBody('scheduler.Call', mediaType, body)
}

export function encodeEvent (mediaType: MediaType, event: scheduler.Event): string | Uint8Array {
  return encodeBody('scheduler.Event', mediaType, event)
}
