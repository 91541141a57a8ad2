import type { MessageTypes } from './messages.ts'
import { decodeMessage } from './decode-protobuf.ts'
import { encodeMessage } from './encode-protobuf.ts'

/** A protobuf body as a message; AgentError SPEC_INVALID if it is none. Unknown fields are kept, and come out of encodeProtobuf again. */
export function decodeProtobuf<N extends keyof MessageTypes> (name: N, bytes: Uint8Array): MessageTypes[N] {
  return decodeMessage(name, bytes) as MessageTypes[N]
}

export function encodeProtobuf<N extends keyof MessageTypes> (name: N, message: MessageTypes[N]): Uint8Array {
  return encodeMessage(name, message)
}
