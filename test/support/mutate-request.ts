import fc from 'fast-check'
import { parseJson } from '../../src/wire/json.ts'
import { encodeProtobuf } from '../../src/wire/protobuf.ts'
import type { RawRequest } from './recorded-calls.ts'

const kinds = ['value', 'value', 'value', 'value', 'text', 'protobuf', 'protobuf', 'headers', 'none'] as const

/** What is done to a recorded request; `at` says where, each number for another choice. */
export interface Mutation { readonly base: number, readonly kind: typeof kinds[number], readonly at: readonly number[], readonly value: unknown }

const extremes = [
  null, '', 0, -1, 1e308, -1e308, 2 ** 53, 0.1, true, [], {}, 'NaN', 'Infinity', '-9223372036854775808', '18446744073709551616', 'x'.repeat(20_000),
  '\u0000', '..', '../../etc/passwd', '/', '\ud800', '__proto__', nested(100), Array(500).fill({}), { ['__proto__']: { type: 'KILL' } }, { value: '*' },
]

/** A hundred objects, each in the next one. */
function nested (levels: number): unknown {
  return levels === 0 ? 'bottom' : { value: 'v', parent: nested(levels - 1) }
}

export const mutation: fc.Arbitrary<Mutation> = fc.record({
  base: fc.nat(9999),
  kind: fc.constantFrom(...kinds),
  at: fc.array(fc.nat(2 ** 31 - 1), { minLength: 4, maxLength: 4 }),
  value: fc.oneof(fc.constantFrom(...extremes), fc.jsonValue(), fc.string(), fc.double()),
})

export function mutate (request: RawRequest, json: unknown, { kind, at, value }: Mutation): RawRequest {
  if (kind === 'value' && at[3]! % 4 === 0) return inProtobuf(request, withValue(json, at, value), body => body)
  if (kind === 'value') return { ...request, body: Buffer.from(String(JSON.stringify(withValue(json, at, value)))) }
  if (kind === 'text') return { ...request, body: damaged(request.body, at) }
  if (kind === 'protobuf') return inProtobuf(request, json, body => damaged(body, at))
  return kind === 'headers' ? withHeaders(request, at, value) : request
}

/** One value somewhere in it becomes another, is gone, or is there many times. */
function withValue (json: unknown, at: readonly number[], value: unknown): unknown {
  const copy: unknown = structuredClone(json)
  const places = [...placesIn(copy)]
  const place = places[at[0]! % Math.max(1, places.length)]
  if (place === undefined) return value
  const [owner, key] = place
  const how = at[1]! % 9
  if (how === 0) delete owner[key]
  else if (how === 1) owner[key] = Array(200).fill(owner[key])
  else if (how === 2) owner[key] = places[at[2]! % places.length]![0]
  else if (how < 6) owner[key] = value
  else owner[key] = alike(owner[key], at[2]!, value)
  return how === 2 && isCyclic(copy) ? value : copy
}

/** What may stand there by its type, so that it is the business that must refuse it. */
function alike (old: unknown, pick: number, value: unknown): unknown {
  const others = extremes.filter(other => typeof other === typeof old && other !== null)
  return typeof old === typeof value ? value : others[pick % Math.max(1, others.length)] ?? value
}

type Owner = Record<string, unknown>

function * placesIn (json: unknown): Generator<[Owner, string]> {
  if (typeof json !== 'object' || json === null) return
  for (const [key, value] of Object.entries(json)) {
    yield [json as Owner, key]
    yield * placesIn(value)
  }
}

function isCyclic (json: unknown): boolean {
  try {
    JSON.stringify(json)
    return false
  } catch {
    return true
  }
}

function inProtobuf (request: RawRequest, json: unknown, damage: (body: Buffer) => Buffer): RawRequest {
  const headers = request.headers.filter(([name]) => name !== 'Content-Type')
  let body = request.body
  try {
    body = Buffer.from(encodeProtobuf('scheduler.Call', parseJson('scheduler.Call', json)))
  } catch {
    // What was no message before is sent as it is.
  }
  return { ...request, headers: [...headers, ['Content-Type', 'application/x-protobuf']], body: damage(body) }
}

/** Cut, bits flipped, bytes put in or taken out. */
function damaged (body: Buffer, [how, from, size, byte]: readonly number[]): Buffer {
  const start = from! % (body.length + 1)
  const length = size! % 8
  const change = how! % 5
  if (change === 0) return body.subarray(0, start)
  if (change === 1) return Buffer.concat([body.subarray(0, start), body.subarray(start + length)])
  if (change === 2) return Buffer.concat([body.subarray(0, start), Buffer.alloc(length, byte), body.subarray(start)])
  if (change === 3) return Buffer.concat([body, body.subarray(start)])
  const flipped = Buffer.from(body)
  for (let bit = 0; bit <= length && body.length > 0; bit++) flipped[(start + bit * 7) % body.length]! ^= 1 << (byte! + bit) % 8
  return flipped
}

const headerNames = ['Content-Type', 'Accept', 'Mesos-Stream-Id', 'Authorization', 'Content-Encoding', 'Expect', 'Range', 'X-Anything']
const headerValues = [
  '', 'application/json', 'application/x-protobuf', 'application/json; charset=utf-8', 'text/plain', '*/*', 'application/*;q=0', ',,,;;;=', '__proto__',
  'constructor', 'Bearer', 'Bearer  x', 'Basic OjpX', '100-continue', 'gzip', 'bytes=0-', 'x'.repeat(6000), '\u00ff\u00fe',
]
const methods = ['POST', 'POST', 'GET', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS']
const paths = [
  '/api/v1/scheduler', '/master/api/v1/scheduler', '/api/v1/scheduler/', '/api/v1/scheduler?x=%00', '/API/v1/scheduler', '/api//v1/scheduler',
  '/api/v1/%73cheduler', '/api/v1/scheduler%', '/..%2f', '//',
]

function withHeaders (request: RawRequest, at: readonly number[], value: unknown): RawRequest {
  const [which, how, text, place] = at as [number, number, number, number]
  const name = headerNames[which % headerNames.length]!
  const others = request.headers.filter(([header]) => header !== name)
  const odd = typeof value === 'string' && !/[\r\n\0]/.test(value) && value.length < 1000 ? value : 'odd'
  const content = [...headerValues, odd][text % (headerValues.length + 1)]!
  const twice: [string, string][] = [...request.headers, [name, content]]
  const headers = [others, [...others, [name, content]] satisfies [string, string][], twice, request.headers][how % 4]!
  if (how % 4 !== 3) return { ...request, headers }
  return { ...request, method: methods[text % methods.length]!, path: paths[place % paths.length]! }
}
