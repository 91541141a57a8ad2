import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import protobuf from 'protobufjs'
import { AgentError } from '../../../src/model/errors.ts'
import { descriptor } from '../../../src/wire/generated/descriptor.ts'
import { parseJson, printJson } from '../../../src/wire/json.ts'
import { decodeProtobuf, encodeProtobuf } from '../../../src/wire/protobuf.ts'
import { goldenLines } from './golden.ts'

test('recorded protobuf bodies and events read as recorded and are written again byte for byte', t => {
  let bodies = 0
  for (const api of ['scheduler', 'executor'] as const) {
    for (const [name, line] of goldenLines(api)) {
      const base64 = line.record_base64 ?? line.body_base64
      if (base64 === undefined || (line.kind !== 'event' && line.kind !== 'request')) continue
      const type = line.kind === 'event' ? `${api}.Event` as const : `${api}.Call` as const
      const message = decodeProtobuf(type, Buffer.from(base64, 'base64'))
      if (line.decoded !== undefined) assert.deepEqual(message, parseJson(type, line.decoded), name)
      assert.equal(Buffer.from(encodeProtobuf(type, message)).toString('base64'), base64, name)
      bodies++
    }
  }
  t.diagnostic(`${bodies} recorded protobuf messages`)
  assert.ok(bodies > 5)
})

test('every recorded event is the same after a round through protobuf', () => {
  for (const api of ['scheduler', 'executor'] as const) {
    for (const [name, line] of goldenLines(api)) {
      if (line.kind !== 'event' || line.json === undefined) continue
      const event = parseJson(`${api}.Event`, line.json)
      assert.deepEqual(decodeProtobuf(`${api}.Event`, encodeProtobuf(`${api}.Event`, event)), event, name)
    }
  }
})

test('what we write is what protobufjs writes by itself, 64-bit numbers, maps and infinity included', () => {
  const task = parseJson('v1.TaskInfo', {
    name: 'n', task_id: { value: 't' }, agent_id: { value: 'a' }, data: 'AAEC', limits: { cpus: { value: 'Infinity' }, mem: { value: 64 } },
    resources: [{ name: 'ports', type: 'RANGES', ranges: { range: [{ begin: '18446744073709551615', end: 5 }] } }],
    max_completion_time: { nanoseconds: '-9007199254740993' },
  })
  const theirs = protobuf.Root.fromJSON(JSON.parse(descriptor) as protobuf.INamespace).lookupType('mesos.v1.TaskInfo')
  const ours = encodeProtobuf('v1.TaskInfo', task)
  const plain = theirs.toObject(theirs.decode(ours), { longs: String, enums: String, bytes: String }) as Record<string, unknown>
  assert.deepEqual(parseJson('v1.TaskInfo', plain), task)
  assert.deepEqual(Buffer.from(theirs.encode(theirs.decode(ours)).finish()), Buffer.from(ours))
  assert.deepEqual(decodeProtobuf('v1.TaskInfo', ours), task)
})

test('what a newer peer knows better is kept, and not seen', () => {
  const capability = Buffer.from('0803' + '1a0161', 'hex')                // type = 3, which v1.MasterInfo.Capability lacks; and a field 3
  const message = decodeProtobuf('v1.MasterInfo.Capability', capability)
  assert.deepEqual(message, {})
  assert.equal(printJson('v1.MasterInfo.Capability', message), '{}')
  assert.deepEqual(Buffer.from(encodeProtobuf('v1.MasterInfo.Capability', message)), capability)
})

test('a list of numbers is read packed as well, a message in pieces is one message', () => {
  const packed = Buffer.from('0850' + '2204c801c901', 'hex')
  assert.deepEqual(decodeProtobuf('v1.HealthCheck.HTTPCheckInfo', packed), { port: 80, statuses: [200, 201] })
  const pieces = Buffer.from('0a03' + '0a0161' + '0a00', 'hex')
  assert.deepEqual(decodeProtobuf('scheduler.Call', pieces), { framework_id: { value: 'a' } })
})

test('a message that lacks a required field is neither read nor written', () => {
  assert.throws(() => decodeProtobuf('v1.TaskID', new Uint8Array(0)), { code: 'SPEC_INVALID', message: 'Missing required fields: value' })
  assert.throws(() => encodeProtobuf('v1.TaskID', {} as never), { code: 'INTERNAL', message: 'v1.TaskID lacks value' })
})

test('a nesting bomb is refused', () => {
  let bomb = Buffer.alloc(0)
  for (let level = 0; level < 200; level++) bomb = Buffer.concat([Buffer.from([0x12]), lengthOf(bomb), bomb])
  assert.throws(() => decodeProtobuf('v1.ContainerID', bomb), { code: 'SPEC_INVALID', message: /nested more than 64 levels/ })
  assert.throws(() => decodeProtobuf('v1.ContainerID', Buffer.alloc(100_000, 0x1b)), { code: 'SPEC_INVALID' })
})

function lengthOf (bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.length < 128 ? [bytes.length] : [bytes.length & 127 | 128, bytes.length >> 7])
}

test('whatever the bytes, they are a message or refused', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
    try {
      decodeProtobuf('scheduler.Call', bytes)
    } catch (error) {
      if (!(error instanceof AgentError)) throw error
      assert.equal(error.code, 'SPEC_INVALID')
    }
  }), { numRuns: 2000 })
})
