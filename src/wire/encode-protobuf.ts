import protobuf from 'protobufjs/minimal.js'
import type { Writer } from 'protobufjs'
import { AgentError } from '../model/errors.ts'
import { missingFields } from './missing-fields.ts'
import { schemaOf } from './schema.ts'
import type { Field, Scalar, Schema } from './schema.ts'
import { unknownFields } from './unknown-fields.ts'

type Message = Record<string, unknown>

const scalars: Record<Scalar, [wireType: number, write: (writer: Writer, value: never) => unknown]> = {
  string: [2, (writer, value: string) => writer.string(value)],
  bytes: [2, (writer, value: Uint8Array) => writer.bytes(value)],
  bool: [0, (writer, value: boolean) => writer.bool(value)],
  double: [1, (writer, value: number) => writer.double(value)],
  float: [5, (writer, value: number) => writer.float(value)],
  int32: [0, (writer, value: number) => writer.int32(value)],
  uint32: [0, (writer, value: number) => writer.uint32(value)],
  int64: [0, (writer, value: number | bigint) => writer.uint64(halves(value))],
  uint64: [0, (writer, value: number | bigint) => writer.uint64(halves(value))],
}

export function encodeMessage (name: string, message: object): Uint8Array {
  const schema = schemaOf(name)
  const missing = missingFields(schema, message)
  if (missing.length > 0) throw new AgentError('INTERNAL', `${name} lacks ${missing.join(', ')}`)
  const writer = protobuf.Writer.create()
  writeMessage(schema, message as Message, writer)
  return writer.finish()
}

/** In the order of the numbers, as protobuf's own writers do, what was unknown last. */
function writeMessage (schema: Schema, message: Message, writer: Writer): void {
  for (const field of schema.byNumber.values()) {
    const value = message[field.name]
    if (value !== undefined) writeField(field, value, writer)
  }
  for (const bytes of unknownFields(message)) writer.raw(bytes)
}

function writeField (field: Field, value: unknown, writer: Writer): void {
  if (field.rule === 'repeated') for (const one of value as unknown[]) writeOne(field, one, writer)
  else if (field.rule === 'map') for (const entry of Object.entries(value as Message)) writeEntry(field, entry, writer)
  else writeOne(field, value, writer)
}

function writeOne (field: Field, value: unknown, writer: Writer): void {
  if (field.type === 'message') {
    writeMessage(field.schema!(), value as Message, writer.uint32(tag(field.id, 2)).fork())
    writer.ldelim()
  } else if (field.type === 'enum') {
    writer.uint32(tag(field.id, 0)).int32(numberOf(field, value))
  } else {
    const [wireType, write] = scalars[field.type]
    write(writer.uint32(tag(field.id, wireType)), value as never)
  }
}

function writeEntry (field: Field, [key, value]: [string, unknown], writer: Writer): void {
  writer.uint32(tag(field.id, 2)).fork().uint32(tag(1, 2)).string(key)
  writeMessage(field.schema!(), value as Message, writer.uint32(tag(2, 2)).fork())
  writer.ldelim().ldelim()
}

function tag (id: number, wireType: number): number {
  return (id << 3 | wireType) >>> 0
}

function numberOf (field: Field, wanted: unknown): number {
  for (const [number, name] of field.values!) if (name === wanted) return number
  throw new AgentError('INTERNAL', `'${String(wanted)}' is no value of ${field.name}`)
}

/** The 64 bits as protobufjs takes them without losing any. */
function halves (value: number | bigint): { low: number, high: number, unsigned: boolean } {
  const bits = BigInt.asUintN(64, BigInt(value))
  return { low: Number(bits & 0xffffffffn) | 0, high: Number(bits >> 32n) | 0, unsigned: true }
}
