import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { AgentError } from '../../../src/model/errors.ts'
import { parseJson, printJson, readJson } from '../../../src/wire/json.ts'
import type { MessageTypes } from '../../../src/wire/messages.ts'
import { goldenLines } from './golden.ts'

function refuses (name: keyof MessageTypes, value: unknown, message: string, field: string): void {
  assert.throws(() => parseJson(name, value), { name: 'AgentError', code: 'SPEC_INVALID', message, detail: { field } })
}

const acknowledge = { agent_id: { value: 'a' }, task_id: { value: 't' }, uuid: 'AAECAw==' }

test('a call becomes a plain object: bytes are bytes, enum values names, nothing is filled in', () => {
  const call = parseJson('scheduler.Call', { type: 'ACKNOWLEDGE', acknowledge })
  assert.deepEqual(call, { type: 'ACKNOWLEDGE', acknowledge: { ...acknowledge, uuid: Uint8Array.of(0, 1, 2, 3) } })
})

test('what is no object is refused', () => {
  for (const value of [[], 'x', 1, null, undefined, true]) refuses('scheduler.Call', value, 'Expecting a JSON object', '')
})

test('missing required fields are told all at once, by their paths', () => {
  const kill = { type: 'KILL', kill: {}, framework_id: {} }
  refuses('scheduler.Call', kill, 'Missing required fields: framework_id.value, kill.task_id', 'framework_id.value')
  const launch = { name: 'n', task_id: { value: 't' }, command: { uris: [{ value: 'a' }, {}] } }
  refuses('v1.TaskInfo', launch, 'Missing required fields: agent_id, command.uris[1].value', 'agent_id')
})

test('a hundred thousand missing fields do not make a message of megabytes', () => {
  const uris = Array.from({ length: 100_000 }, () => ({}))
  assert.throws(() => parseJson('v1.CommandInfo', { uris }), (error: Error) => error.message.length < 1000)
})

test('unknown names and null are passed over', () => {
  assert.deepEqual(parseJson('v1.Label', { key: 'k', value: null, colour: 'red' }), { key: 'k' })
  assert.deepEqual(parseJson('v1.Labels', { labels: [null, { key: 'k' }] }), { labels: [{ key: 'k' }] })
})

test('an empty list or map is as good as none', () => {
  assert.deepEqual(parseJson('v1.Labels', { labels: [] }), {})
  assert.deepEqual(parseJson('v1.OfferFilters.ResourceQuantities', { quantities: {} }), {})
})

test('an enum value of a newer peer counts as not set where none is required, and is refused where one is', () => {
  assert.deepEqual(parseJson('scheduler.Call', { type: 'BOGUS' }), {})
  assert.deepEqual(parseJson('v1.CapabilityInfo', { capabilities: ['KILL', 'FLY'] }), { capabilities: ['KILL'] })
  refuses('v1.ContainerInfo', { type: 'POD' }, "Failed to find enum for 'POD' of field 'type'", 'type')
})

test('a wrong type is refused with the path of its field', () => {
  refuses('scheduler.Call', { kill: { task_id: 't' } }, "Expecting a JSON object for field 'kill.task_id'", 'kill.task_id')
  refuses('scheduler.Call', { accept: { offer_ids: {} } }, "Expecting a JSON array for field 'accept.offer_ids'", 'accept.offer_ids')
  refuses('v1.Labels', { labels: [{ key: 1 }] }, "Not expecting a JSON number for field 'labels[0].key'", 'labels[0].key')
  refuses('v1.CommandInfo', { shell: 'true' }, "Not expecting a JSON string for field 'shell'", 'shell')
  refuses('v1.Task', { state: [] }, "Not expecting a JSON array for field 'state'", 'state')
  refuses('v1.TaskStatus', { uuid: '{}' }, "Failed to base64 decode bytes field 'uuid': Invalid character '{'", 'uuid')
  refuses('v1.TaskInfo', { limits: { cpus: { value: 'many' } } },
    "Failed to parse 'many' as a JSON number for field 'limits.cpus.value'", 'limits.cpus.value')
})

test('numbers may be strings, and stay within their type', () => {
  assert.deepEqual(parseJson('v1.Value.Range', { begin: '31000', end: 32000 }), { begin: 31000, end: 32000 })
  assert.deepEqual(parseJson('v1.Value.Scalar', { value: '1.5e3' }), { value: 1500 })
  assert.deepEqual(parseJson('v1.Value.Scalar', { value: 'Infinity' }), { value: Infinity })
  assert.deepEqual(parseJson('v1.Value.Range', { begin: '18446744073709551615', end: 0 }), { begin: 2n ** 64n - 1n, end: 0 })
  refuses('v1.Port', { number: -1 }, "Number out of range for field 'number': expecting 0 to 4294967295", 'number')
  refuses('v1.Port', { number: '4294967296' }, "Number out of range for field 'number': expecting 0 to 4294967295", 'number')
  for (const number of [1.5, 1e300, NaN, '1.5']) refuses('v1.Port', { number }, "Expecting a whole number for field 'number'", 'number')
})

test('a map keeps any key, __proto__ too, and pollutes nothing', () => {
  const info = parseJson('v1.OfferFilters.ResourceQuantities', readJson('{"quantities":{"__proto__":{"value":1},"cpus":{"value":2}}}'))
  assert.deepEqual(Object.keys(info.quantities ?? {}), ['__proto__', 'cpus'])
  assert.equal(({} as { value?: unknown }).value, undefined)
  assert.equal(printJson('v1.OfferFilters.ResourceQuantities', info), '{"quantities":{"__proto__":{"value":1.0},"cpus":{"value":2.0}}}')
})

test('a message named by inheritance is not there', () => {
  assert.deepEqual(parseJson('scheduler.Call', Object.create({ type: 'REVIVE' })), {})
})

test('a nesting bomb is refused', () => {
  const bomb = '{"value":"v","parent":'.repeat(100_000) + '{"value":"v"}' + '}'.repeat(100_000)
  assert.throws(() => parseJson('v1.ContainerID', readJson(bomb)), { code: 'SPEC_INVALID', message: /nested more than 64 levels/ })
})

test('text that is no JSON is refused with the words of Mesos', () => {
  for (const text of ['', '{"type": "REVIVE",']) {
    assert.throws(() => readJson(text), { code: 'SPEC_INVALID', message: 'syntax error at line 1 near: ' })
  }
  assert.throws(() => readJson('{\n "a": 1 2\n}'), { code: 'SPEC_INVALID', message: 'syntax error at line 2 near: 2' })
  assert.throws(() => readJson('[x]'), { code: 'SPEC_INVALID', message: /^syntax error: / })
})

const names = ['scheduler.Call', 'scheduler.Event', 'v1.TaskInfo', 'v1.TaskStatus', 'v1.ContainerID'] as const
const keys = ['type', 'accept', 'operations', 'launch', 'task_infos', 'value', 'parent', 'limits', 'uuid', 'data', 'ranges',
  '__proto__', 'name', 'state', 'command', 'container', 'docker', 'timestamp']

/** Any JSON, with the names that the messages use here and there. */
const anyJson = fc.letrec(tie => ({
  value: fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.double(), tie('object'), fc.array(tie('value'), { maxLength: 3 })),
  object: fc.dictionary(fc.constantFrom(...keys), tie('value'), { maxKeys: 6 }),
})).object

test('whatever the JSON, it is either a message that prints as what it was read from, or refused with a path', () => {
  fc.assert(fc.property(fc.constantFrom(...names), anyJson, readsOrRefuses), { numRuns: 2000 })
})

test('a recorded call with anything in any place of it is read or refused in the same way', () => {
  const calls = [...goldenLines('scheduler')].filter(([, { kind, json }]) => kind === 'request' && json !== undefined)
  const call = fc.constantFrom(...calls.map(([, { json }]) => JSON.stringify(json)))
  fc.assert(fc.property(call, fc.array(fc.nat(50), { maxLength: 12 }), fc.jsonValue({ maxDepth: 1 }), (text, path, value) => {
    readsOrRefuses('scheduler.Call', replaced(JSON.parse(text), path, value))
  }), { numRuns: 2000 })
})

function readsOrRefuses (name: keyof MessageTypes, value: unknown): void {
  try {
    const printed = printJson(name, parseJson(name, value))
    assert.equal(printJson(name, parseJson(name, JSON.parse(printed))), printed)
  } catch (error) {
    if (!(error instanceof AgentError)) throw error
    assert.equal(error.code, 'SPEC_INVALID')
    assert.equal(typeof error.detail['field'], 'string')
  }
}

/** The value put where the path leads: each step picks one of the parts there are. */
function replaced (whole: unknown, [step, ...path]: number[], value: unknown): unknown {
  if (step === undefined || typeof whole !== 'object' || whole === null) return value
  const names = Object.keys(whole)
  const name = names[step % names.length]
  if (name === undefined) return value
  const parts = whole as Record<string, unknown>
  parts[name] = replaced(parts[name], path, value)
  return whole
}
