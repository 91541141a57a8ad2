import type { Bench } from 'tinybench'
import { demultiplexer } from '../../workers/logs/demultiplex.ts'
import { check } from './register.ts'

const headerBytes = 8
const payloadBytes = 1 << 20
const chunkBytes = 64 * 1024

export default function (bench: Bench): void {
  for (const frameBytes of [1, 16, 32, 1024, 16384]) {
    const stream = framed(frameBytes)
    bench.add(`demultiplex: 1 MB of output in frames of ${frameBytes} bytes`, () => {
      let bytes = 0
      const split = demultiplexer((_stream, payload) => { bytes += payload.length })
      for (let at = 0; at < stream.length; at += chunkBytes) split(stream.subarray(at, at + chunkBytes))
      check(bytes === payloadBytes)
    })
  }
}

/** A megabyte, stdout and stderr in turns. */
function framed (frameBytes: number): Buffer {
  const stream = Buffer.alloc(payloadBytes / frameBytes * (headerBytes + frameBytes), 'x')
  for (let at = 0, turn = 0; at < stream.length; at += headerBytes + frameBytes, turn ^= 1) {
    stream.fill(0, at, at + headerBytes)
    stream.writeUInt8(1 + turn, at)
    stream.writeUInt32BE(frameBytes, at + 4)
  }
  return stream
}
