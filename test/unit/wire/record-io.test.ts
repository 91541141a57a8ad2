import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { RecordDecoder, decodeRecords, encodeRecord } from '../../../src/wire/record-io.ts'

const bytes = (text: string): Buffer => Buffer.from(text)

test('a record is its length in bytes, a newline and the bytes', () => {
  assert.deepEqual(encodeRecord('é!'), bytes('3\né!'))
  assert.deepEqual(encodeRecord(new Uint8Array(0)), bytes('0\n'))
})

test('records survive any chunking', () => {
  const records = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 })
  fc.assert(fc.property(records, fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }), (bodies, sizes) => {
    const stream = Buffer.concat(bodies.map(encodeRecord))
    const decoder = new RecordDecoder()
    const seen: Buffer[] = []
    for (let at = 0, turn = 0; at < stream.length; turn++) {
      const size = sizes[turn % sizes.length]!
      seen.push(...decoder.push(stream.subarray(at, at + size)))
      at += size
    }
    decoder.end()
    assert.deepEqual(seen, bodies.map(body => Buffer.from(body)))
  }))
})

test('a record does not change when its chunk is used again', () => {
  const chunk = bytes('3\nabc')
  const [record] = new RecordDecoder().push(chunk)
  chunk.fill(0)
  assert.equal(String(record), 'abc')
})

test('what is no record is refused', () => {
  for (const text of ['x', '\n', '-1\n', '1 \n', '{"type":"HEARTBEAT"}', '0x1\nab']) {
    const decoder = new RecordDecoder()
    assert.throws(() => decoder.push(bytes(text)), { code: 'SPEC_INVALID', message: 'stream has no record length where one must be' }, text)
  }
})

test('a record that is too long is refused by its length alone, also by one that never ends', () => {
  assert.throws(() => new RecordDecoder(100).push(bytes('101\n')), { code: 'SPEC_INVALID', message: 'record is longer than 100 bytes' })
  assert.throws(() => new RecordDecoder(100).push(bytes('0'.repeat(1000))), { code: 'SPEC_INVALID' })
  assert.deepEqual(new RecordDecoder(100).push(bytes(`100\n${'a'.repeat(100)}`)).length, 1)
})

test('an end inside a record is an error, an end between records is not', () => {
  for (const text of ['5\nab', '5', '5\n']) {
    const decoder = new RecordDecoder()
    decoder.push(bytes(text))
    assert.throws(() => { decoder.end() }, { message: 'stream ended inside a record' }, text)
  }
  new RecordDecoder().end()
})

test('a stream gives its records as they come, and is ended by who leaves the loop', async () => {
  let ended = false
  async function * stream (): AsyncGenerator<Buffer> {
    try {
      yield bytes('1\na1\nb')
      yield bytes('1\nc')
    } finally { ended = true }
  }
  const seen: string[] = []
  for await (const record of decodeRecords(stream())) {
    seen.push(String(record))
    if (seen.length === 2) break
  }
  assert.deepEqual([seen, ended], [['a', 'b'], true])
})
