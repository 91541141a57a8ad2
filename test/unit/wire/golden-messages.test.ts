import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AgentError } from '../../../src/model/errors.ts'
import { parseJson, printJson } from '../../../src/wire/json.ts'
import { decodeProtobuf, encodeProtobuf } from '../../../src/wire/protobuf.ts'
import { recordedBodies, type RecordedBody } from './recorded-bodies.ts'

/** Mesos's algorithm for doubles does not always find the shortest text: one timestamp has a digit more there. */
const oneDigitMore = /^(running|finished)\/v1_GET_(STATE|TASKS)\.json$/

type Outcome = 'compared' | 'refused as recorded' | 'text without a message'

test('every recorded v1 message decodes, is encoded again and prints alike', t => {
  const tally = new Map<string, Record<Outcome, number>>()
  for (const body of recordedBodies()) {
    const row = tally.get(body.type) ?? { compared: 0, 'refused as recorded': 0, 'text without a message': 0 }
    tally.set(body.type, row)
    row[compare(body)]++
  }
  for (const [type, row] of tally) t.diagnostic(`${type}: ${JSON.stringify(row)}`)
  const sum = (outcome: Outcome): number => [...tally.values()].reduce((all, row) => all + row[outcome], 0)
  const [compared, refused, texts] = [sum('compared'), sum('refused as recorded'), sum('text without a message')]
  const share = (100 * compared / (compared + refused)).toFixed(1)
  t.diagnostic(`${compared} of ${compared + refused} recorded messages compared (${share} %), ${refused} refused as recorded; ${texts} more bodies are texts`)
  assert.deepEqual([compared, refused, texts], [591, 3, 72])
})

function compare (body: RecordedBody): Outcome {
  if (body.base64 !== undefined) compareProtobuf(body, Buffer.from(body.base64, 'base64'))
  else if (body.json === undefined) return 'text without a message'
  else return compareJson(body)
  return 'compared'
}

function compareProtobuf ({ name, type, json }: RecordedBody, bytes: Buffer): void {
  const message = decodeProtobuf(type, bytes)
  assert.deepEqual(Buffer.from(encodeProtobuf(type, message)), bytes, `${name}: encoded again`)
  const text = printJson(type, message)
  assert.equal(printJson(type, parseJson(type, JSON.parse(text))), text, `${name}: printed again`)
  // Read by a generic tool: 64-bit numbers are strings there, and defaults are left out.
  if (json !== undefined) assert.deepEqual(message, parseJson(type, json), name)
}

function compareJson ({ name, type, by, json, bytes }: RecordedBody): Outcome {
  const message = parsed(type, json)
  if (message === undefined) return 'refused as recorded'
  assert.deepEqual(decodeProtobuf(type, encodeProtobuf(type, message)), message, `${name}: through protobuf`)
  const text = printJson(type, message)
  if (by === 'client') {
    assertWithin(json, JSON.parse(text), name)
  } else {
    assert.equal(JSON.stringify(JSON.parse(text)), JSON.stringify(json), name)
    if (bytes !== undefined) assert.equal(Buffer.byteLength(text) + (oneDigitMore.test(name) ? 1 : 0), bytes, `${name}: length`)
  }
  return 'compared'
}

function parsed (type: RecordedBody['type'], json: unknown): object | undefined {
  try {
    return parseJson(type, json)
  } catch (error) {
    if (!(error instanceof AgentError)) throw error
    assert.match(error.message, /^Missing required fields: (acknowledge\.uuid|subscribe\.framework_info\.name|read_file\.offset)$/)
    return undefined
  }
}

/** Everything that a client told is there again; defaults may have come along. */
function assertWithin (given: unknown, printed: unknown, path: string): void {
  if (typeof given !== 'object' || given === null) {
    // A name that no descriptor knows is as good as none.
    if (given !== 'BOGUS') assert.equal(printed, given, path)
    return
  }
  const entries = Object.entries(given)
  if (entries.length === 0 && printed === undefined) return
  assert.ok(typeof printed === 'object' && printed !== null, path)
  for (const [key, value] of entries) assertWithin(value, (printed as Record<string, unknown>)[key], `${path}.${key}`)
}
