import { upidText, type Upid } from './upid.ts'

export interface Message {
  /** The full name of its protobuf: 'mesos.internal.RunTaskMessage'. */
  readonly name: string
  readonly body: Uint8Array
}

/** A message as libprocess writes it, header for header: the body in one chunk, and no word of a body where there is none. */
export function frame ({ name, body }: Message, { from, to }: { from: Upid, to: Upid }): Buffer {
  const sender = upidText(from)
  const head = [
    `POST /${to.id}/${name} HTTP/1.1`, `User-Agent: libprocess/${sender}`, `Libprocess-From: ${sender}`, 'Connection: Keep-Alive', 'Host: ',
    ...body.length === 0 ? [] : ['Transfer-Encoding: chunked'], '', '',
  ].join('\r\n')
  if (body.length === 0) return Buffer.from(head, 'latin1')
  return Buffer.concat([Buffer.from(`${head}${body.length.toString(16)}\r\n`, 'latin1'), body, Buffer.from('\r\n0\r\n\r\n', 'latin1')])
}
