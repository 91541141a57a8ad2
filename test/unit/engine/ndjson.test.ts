import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readNdjson } from '../../../src/engine/ndjson.ts'
import { AgentError } from '../../../src/model/errors.ts'

async function * streamOf (...chunks: Array<Buffer | string>): AsyncGenerator<Buffer | string> { yield * chunks }

async function documentsOf (...chunks: Array<Buffer | string>): Promise<unknown[]> {
  const found: unknown[] = []
  for await (const document of readNdjson(streamOf(...chunks))) found.push(document)
  return found
}

function cut (bytes: Buffer, places: readonly number[]): Buffer[] {
  const sorted = [0, ...places.map(place => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  return sorted.slice(1).map((end, index) => bytes.subarray(sorted[index], end))
}

test('documents come out whole, whatever the chunks, letters of several bytes too', async () => {
  const value = fc.oneof(fc.jsonValue(), fc.string({ unit: 'grapheme' }))
  const [values, places] = [fc.array(value, { maxLength: 5 }), fc.array(fc.nat(), { maxLength: 20 })]
  await fc.assert(fc.asyncProperty(values, places, fc.constantFrom('\n', '\r\n', '\n\n'), async (values, places, end) => {
    const text = values.map(value => JSON.stringify(value) + end).join('')
    assert.deepEqual(await documentsOf(...cut(Buffer.from(text), places)), JSON.parse(`[${values.map(value => JSON.stringify(value)).join(',')}]`))
  }))
})

test('a last line without an end counts', async () => {
  assert.deepEqual(await documentsOf('{"a":1}\n{"b"', ':2}'), [{ a: 1 }, { b: 2 }])
})

test('what came before a line that is no JSON is told, then it fails with that line', async () => {
  const lines = readNdjson(streamOf('1\n<html>\n2\n'))
  assert.equal((await lines.next()).value, 1)
  await assert.rejects(lines.next(), error => error instanceof AgentError && error.code === 'ENGINE_REFUSED' && error.message.endsWith('<html>'))
})

test('a stream that breaks off inside a document is refused', async () => {
  await assert.rejects(documentsOf('{"a":'), { code: 'ENGINE_REFUSED' })
})

test('a line that never ends is refused before it fills the memory', async () => {
  let sentBytes = 0
  async function * endless (): AsyncGenerator<Buffer> {
    for (;;) { sentBytes += 65536; yield Buffer.alloc(65536, 'x') }
  }
  await assert.rejects(readNdjson(endless()).next(), { code: 'ENGINE_REFUSED', message: 'the engine sent a line of more than 1 MB' })
  assert.ok(sentBytes <= 2 ** 20 + 65536)
})

test('a failure of the stream itself comes through', async () => {
  async function * breaking (): AsyncGenerator<Buffer> { yield Buffer.from('1\n'); throw new Error('aborted') }
  const lines = readNdjson(breaking())
  await lines.next()
  await assert.rejects(lines.next(), /aborted/)
})
