import protobuf from 'protobufjs/minimal.js'
import type { Reader } from 'protobufjs'
import { missingFields } from './missing-fields.ts'
import { messageOf } from '../model/errors.ts'
import { schemaOf } from './schema.ts'
import type { Field, Scalar, Schema } from './schema.ts'
import { addUnknownField } from './unknown-fields.ts'
import { wireError } from './wire-error.ts'

type Message = Record<string, unknown>

/** Where reading is: in which bytes, into which message, how deep. */
interface Place { readonly reader: Reader, readonly message: Message, readonly level: number }

const mostLevels = 64
const wireTypes = { varint: 0, eight: 1, length: 2, four: 5 } as const

const scalars: Record<Scalar, [wireType: number, read: (reader: Reader) => unknown]> = {
  string: [wireTypes.length, reader => reader.string()],
  bytes: [wireTypes.length, reader => Uint8Array.from(reader.bytes())],
  bool: [wireTypes.varint, reader => reader.bool()],
  double: [wireTypes.eight, reader => reader.double()],
  float: [wireTypes.four, reader => reader.float()],
  int32: [wireTypes.varint, reader => reader.int32()],
  uint32: [wireTypes.varint, reader => reader.uint32()],
  int64: [wireTypes.varint, reader => wholeNumber(reader.int64())],
  uint64: [wireTypes.varint, reader => wholeNumber(reader.uint64())],
}

export function decodeMessage (name: string, bytes: Uint8Array): object {
  const schema = schemaOf(name)
  const message = decode(schema, bytes)
  const missing = missingFields(schema, message)
  if (missing.length > 0) throw wireError(`Missing required fields: ${missing.join(', ')}`, missing[0]!)
  return message
}

function decode (schema: Schema, bytes: Uint8Array): Message {
  try {
    return readMessage(schema, { reader: protobuf.Reader.create(bytes), message: {}, level: 0 })
  } catch (error) {
    throw wireError(`Malformed protobuf: ${messageOf(error)}`, '')
  }
}

/** Reads to the reader's end. A message that comes in pieces is one message. */
function readMessage (schema: Schema, place: Place): Message {
  const { reader, message, level } = place
  if (level > mostLevels) throw new RangeError(`nested more than ${mostLevels} levels deep`)
  while (reader.pos < reader.len) {
    const start = reader.pos
    const tag = reader.tag()
    const field = schema.byNumber.get(tag >>> 3)
    const known = field !== undefined && readField(field, tag & 7, place)
    if (!known) keepUnknown(place, tag, start)
  }
  return message
}

/** False, and nothing read, if the field has another type there than here: then it is as unknown as one without a number. */
function readField (field: Field, wireType: number, place: Place): boolean {
  if (field.type === 'message') return wireType === wireTypes.length && readPart(field, place)
  const expected = field.type === 'enum' ? wireTypes.varint : scalars[field.type][0]
  if (wireType === expected) return readScalar(field, place)
  const packed = field.rule === 'repeated' && wireType === wireTypes.length
  return packed && readPacked(field, place)
}

function readPart (field: Field, place: Place): boolean {
  const { message } = place
  if (field.rule === 'map') readEntry(field, place)
  else if (field.rule === 'repeated') listOf(message, field).push(readInner(field, place, {}))
  else message[field.name] = readInner(field, place, (message[field.name] ?? {}) as Message)
  return true
}

function readInner (field: Field, { reader, level }: Place, message: Message): Message {
  return readMessage(field.schema!(), { reader: protobuf.Reader.create(reader.bytes()), message, level: level + 1 })
}

/** An entry of a map is a message of key = 1 and value = 2. */
function readEntry (field: Field, { reader, message, level }: Place): void {
  const inner = protobuf.Reader.create(reader.bytes())
  let key = ''
  let value: Message = {}
  while (inner.pos < inner.len) {
    const tag = inner.tag()
    if (tag === (1 << 3 | wireTypes.length)) key = inner.string()
    else if (tag === (2 << 3 | wireTypes.length)) value = readInner(field, { reader: inner, message, level }, value)
    else inner.skipType(tag & 7)
  }
  const map = (message[field.name] ??= {}) as Message
  Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true })
}

function readScalar (field: Field, { reader, message }: Pick<Place, 'reader' | 'message'>): boolean {
  const start = reader.pos
  const value = field.type === 'enum' ? field.values!.get(reader.int32()) : scalars[field.type as Scalar][1](reader)
  if (value === undefined) {
    reader.pos = start
    return false
  }
  if (field.rule === 'repeated') listOf(message, field).push(value)
  else message[field.name] = value
  return true
}

/** Unknown enum values in a packed list are dropped: alone they have no tag to be kept with. */
function readPacked (field: Field, { reader, message }: Place): boolean {
  const inner = protobuf.Reader.create(reader.bytes())
  while (inner.pos < inner.len) if (!readScalar(field, { reader: inner, message })) inner.int32()
  return true
}

function keepUnknown ({ reader, message }: Place, tag: number, start: number): void {
  reader.skipType(tag & 7, 0, tag >>> 3)
  addUnknownField(message, reader.buf.subarray(start, reader.pos))
}

function listOf (message: Message, field: Field): unknown[] {
  return (message[field.name] ??= []) as unknown[]
}

function wholeNumber (value: { toString: () => string }): number | bigint {
  const exact = BigInt(value.toString())
  return Number.isSafeInteger(Number(exact)) ? Number(exact) : exact
}
