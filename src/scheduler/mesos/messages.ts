import type { Message } from '../../door/libprocess/frame.ts'
import type { MessageTypes } from '../../wire/messages.ts'
import { encodeProtobuf } from '../../wire/protobuf.ts'

export type Internal = keyof MessageTypes & `internal.${string}`

export function message<N extends Internal> (name: N, content: MessageTypes[N]): Message {
  return { name: `mesos.${name}`, body: encodeProtobuf(name, content) }
}
