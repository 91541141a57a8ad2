import { AgentError } from '../../src/model/errors.ts'
import { gather } from './gather.ts'

/** 1 = stdout, 2 = stderr, as in the first byte of the engine's frame headers. */
export type StreamNumber = 1 | 2

const headerBytes = 8

/**
 * Takes the engine's multiplexed stream apart: frames of an 8-byte header (stream, 0, 0, 0, length as 32 bits big-endian) and a payload. Linear in
 * the bytes, whatever the frames' sizes. `onPayload` gets each stream's bytes of a chunk in one piece, valid during the call only.
 */
export function demultiplexer (onPayload: (stream: StreamNumber, bytes: Uint8Array) => void): (chunk: Buffer) => void {
  const header = Buffer.alloc(headerBytes)
  let headerFill = 0
  let payloadLeft = 0
  let stream: StreamNumber = 1
  const gathered = { 1: gather(), 2: gather() }

  return chunk => {
    if (payloadLeft >= chunk.length) {          // most of a big output: one payload, nothing to gather
      payloadLeft -= chunk.length
      onPayload(stream, chunk)
      return
    }
    for (let at = 0; at < chunk.length;) {
      if (payloadLeft > 0) {
        const end = Math.min(at + payloadLeft, chunk.length)
        gathered[stream].add(chunk, at, end)
        payloadLeft -= end - at
        at = end
        continue
      }
      if (headerFill === 0 && at + headerBytes <= chunk.length) {          // nearly all of them are whole
        stream = streamOf(chunk[at])
        payloadLeft = chunk.readUInt32BE(at + 4)
        at += headerBytes
        continue
      }
      header[headerFill++] = chunk[at++] ?? 0
      if (headerFill < headerBytes) continue
      headerFill = 0
      stream = streamOf(header[0])
      payloadLeft = header.readUInt32BE(4)
    }
    for (const number of [1, 2] as const) gathered[number].flush(bytes => { onPayload(number, bytes) })
  }
}

export function streamOf (number: number | undefined): StreamNumber {
  // Anything else means that the place in the stream is lost: nothing after it can be trusted.
  if (number !== 1 && number !== 2) throw new AgentError('ENGINE_REFUSED', `the log stream has a frame of unknown stream ${number}`)
  return number
}
