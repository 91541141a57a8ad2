import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { AgentError } from '../../../../src/model/errors.ts'
import { demultiplexer, type StreamNumber } from '../../../../workers/logs/demultiplex.ts'

interface Frame { readonly stream: StreamNumber, readonly bytes: Uint8Array }

function framed ({ stream, bytes }: { stream: number, bytes: Uint8Array }): Buffer {
  const header = Buffer.alloc(8)
  header.writeUInt8(stream, 0)
  header.writeUInt32BE(bytes.length, 4)
  return Buffer.concat([header, bytes])
}

function cut (bytes: Buffer, places: readonly number[]): Buffer[] {
  const sorted = [0, ...places.map(place => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  return sorted.slice(1).map((end, index) => bytes.subarray(sorted[index], end))
}

/** What comes out for each stream. Copies at once: the bytes are valid during the call only. */
function outputOf (chunks: readonly Buffer[]): Record<StreamNumber, Buffer> {
  const out: Record<StreamNumber, Buffer[]> = { 1: [], 2: [] }
  const split = demultiplexer((stream, bytes) => { out[stream].push(Buffer.from(bytes)) })
  for (const chunk of chunks) split(chunk)
  return { 1: Buffer.concat(out[1]), 2: Buffer.concat(out[2]) }
}

test('whatever the frames and the chunks, each stream gets its bytes in order', () => {
  const frame: fc.Arbitrary<Frame> = fc.record({ stream: fc.constantFrom(1, 2), bytes: fc.uint8Array({ maxLength: 40 }) })
  fc.assert(fc.property(fc.array(frame, { maxLength: 20 }), fc.array(fc.nat(), { maxLength: 30 }), (frames, places) => {
    const wanted = (stream: StreamNumber): Buffer => Buffer.concat(frames.filter(frame => frame.stream === stream).map(({ bytes }) => bytes))
    assert.deepEqual(outputOf(cut(Buffer.concat(frames.map(framed)), places)), { 1: wanted(1), 2: wanted(2) })
  }), { numRuns: 500 })
})

test('a stream that comes byte by byte is the same stream', () => {
  const bytes = Buffer.concat([framed({ stream: 2, bytes: Buffer.from('error') }), framed({ stream: 1, bytes: Buffer.from('output') })])
  assert.deepEqual(outputOf([...bytes].map(byte => Buffer.from([byte]))), { 1: Buffer.from('output'), 2: Buffer.from('error') })
})

test('a big payload is passed on chunk by chunk, not gathered', () => {
  const sizes: number[] = []
  const split = demultiplexer((_stream, bytes) => { sizes.push(bytes.length) })
  const bytes = framed({ stream: 1, bytes: Buffer.alloc(1 << 20) })
  split(bytes.subarray(0, 8))
  for (let at = 8; at < bytes.length; at += 65536) split(bytes.subarray(at, at + 65536))
  assert.deepEqual(sizes, Array<number>(16).fill(65536))
})

test('a container that prints letter by letter costs time that grows with its bytes alone', () => {
  const chunk = Buffer.concat(Array<Buffer>(7281).fill(framed({ stream: 1, bytes: Buffer.from('x') })))
  let [count, payloads] = [0, 0]
  const split = demultiplexer((_stream, bytes) => { count += bytes.length; payloads++ })
  const startedAt = performance.now()
  for (let i = 0; i < 256; i++) split(chunk)                    // 16 MB in chunks of 64 KB
  assert.equal(count, 256 * 7281)
  assert.equal(payloads, 256, 'one write a chunk, not one a letter')
  assert.ok(performance.now() - startedAt < 3_000)
})

for (const number of [0, 3, 123]) {
  test(`a frame of stream ${number} means that the place is lost`, () => {
    const bad = framed({ stream: number, bytes: Buffer.from('{') })
    assert.throws(() => outputOf([framed({ stream: 1, bytes: Buffer.from('ok') }), bad]), (error: AgentError) => {
      assert.equal(error.code, 'ENGINE_REFUSED')
      assert.match(error.message, new RegExp(`unknown stream ${number}$`))
      return true
    })
  })
}
