import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeProtobuf, encodeProtobuf } from '../../../src/wire/protobuf.ts'
import { bodyBytes, recordedWire, typeOf } from './recorded-wire.ts'

for (const wire of ['wire', 'wire-executor-v0'] as const) {
  test(`every recorded message of ${wire} decodes, and is encoded again byte for byte`, t => {
    const tally = new Map<string, number>()
    for (const [name, line] of recordedWire(wire)) {
      const type = typeOf(line)
      const message = decodeProtobuf(type, bodyBytes(line))
      assert.equal(hex(encodeProtobuf(type, message)), hex(bodyBytes(line)), name)
      assert.deepEqual(plain(message), plain(line.decoded), name)
      tally.set(type, (tally.get(type) ?? 0) + 1)
    }
    for (const [type, count] of tally) t.diagnostic(`${type}: ${String(count)}`)
    assert.ok([...tally.values()].reduce((all, count) => all + count, 0) > 100)
  })
}

function hex (bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

/** Both sides with the names of v1, bytes as base64 and whole numbers as text, which is how the recordings write them. */
function plain (value: unknown): unknown {
  const text = JSON.stringify(value, (_key, part: unknown) => {
    if (part instanceof Uint8Array) return Buffer.from(part).toString('base64')
    return typeof part === 'number' && Number.isInteger(part) || typeof part === 'bigint' ? String(part) : part
  })
  return sorted(JSON.parse(text.replaceAll('slave_id', 'agent_id').replaceAll('_SLAVE', '_AGENT')))
}

function sorted (value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1).map(([key, part]) => [key, sorted(part)]))
}
