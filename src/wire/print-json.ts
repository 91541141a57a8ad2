import { printDouble, printString } from './print-scalar.ts'
import { schemaOf } from './schema.ts'
import type { Field, Scalar, Schema } from './schema.ts'

type Message = Record<string, unknown>

const printers: Record<Scalar | 'enum' | 'message', (value: never, field: Field) => string> = {
  string: printString,
  bytes: (value: Uint8Array) => `"${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')}"`,
  bool: String,
  double: printDouble,
  float: printDouble,
  int32: String,
  uint32: String,
  int64: String,
  uint64: String,
  enum: (value: string) => `"${value}"`,
  message: (value: Message, field) => printObject(field.schema!(), value),
}

/** The message as Mesos prints it: fields as declared, defaults of the .proto files filled in, empty lists left out. */
export function printMessage (name: string, message: object): string {
  return printObject(schemaOf(name), message as Message)
}

function printObject (schema: Schema, message: Message): string {
  let text = ''
  for (const field of schema.fields) {
    const printed = printField(field, message[field.name])
    if (printed !== undefined) text += `${text === '' ? '' : ','}"${field.name}":${printed}`
  }
  return `{${text}}`
}

function printField (field: Field, value: unknown): string | undefined {
  const given = value ?? field.printedDefault ?? (field.printedEmpty && [])
  if (given === undefined) return undefined
  if (field.rule === 'repeated') return printList(field, given as unknown[])
  if (field.rule === 'map') return printMap(field, given as Message)
  return printOne(field, given)
}

function printList (field: Field, list: readonly unknown[]): string | undefined {
  return list.length === 0 && !field.printedEmpty ? undefined : `[${list.map(one => printOne(field, one)).join(',')}]`
}

function printMap (field: Field, map: Message): string | undefined {
  const entries = Object.entries(map)
  return entries.length === 0 ? undefined : `{${entries.map(([key, one]) => `${printString(key)}:${printOne(field, one)}`).join(',')}}`
}

function printOne (field: Field, value: unknown): string {
  return printers[field.type](value as never, field)
}
