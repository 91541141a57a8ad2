import { missingFields } from './missing-fields.ts'
import { parseScalar } from './parse-scalar.ts'
import { schemaOf } from './schema.ts'
import type { Field, Schema } from './schema.ts'
import { wireError } from './wire-error.ts'

type Message = Record<string, unknown>

/** Only a message that holds itself (a ContainerID's parent) can be deep: everything else ends with the descriptors. */
const mostLevels = 64

/** A JSON value as the message of that name. Unknown names are passed over, null is not set, everything else must fit. */
export function parseMessage (name: string, value: unknown): object {
  const schema = schemaOf(name)
  if (!isObject(value)) throw wireError('Expecting a JSON object', '')
  const message = parseObject(schema, value, '', 0)
  const missing = missingFields(schema, message)
  if (missing.length > 0) throw wireError(`Missing required fields: ${missing.join(', ')}`, missing[0]!)
  return message
}

function parseObject (schema: Schema, value: Message, prefix: string, level: number): Message {
  if (level > mostLevels) throw wireError(`Message is nested more than ${mostLevels} levels deep`, prefix.slice(0, 200))
  const message: Message = {}
  for (const field of schema.fields) {
    const given = Object.hasOwn(value, field.name) ? value[field.name] : undefined
    if (given === undefined || given === null) continue
    const parsed = parseField(field, given, prefix + field.name, level)
    if (parsed !== undefined) message[field.name] = parsed
  }
  return message
}

function parseField (field: Field, value: unknown, path: string, level: number): unknown {
  if (field.rule === 'repeated') return parseList(field, value, path, level)
  if (field.rule === 'map') return parseMap(field, value, path, level)
  return parseOne(field, value, path, level)
}

/** An empty list is no list, as in protobuf; the same holds for a map. */
function parseList (field: Field, value: unknown, path: string, level: number): unknown[] | undefined {
  if (!Array.isArray(value)) throw wireError(`Expecting a JSON array for field '${path}'`, path)
  const list = value.map((one: unknown, at) => one === null ? undefined : parseOne(field, one, `${path}[${at}]`, level))
  const known = list.filter(one => one !== undefined)
  return known.length === 0 ? undefined : known
}

/** Object.fromEntries makes own properties of any name, `__proto__` too. */
function parseMap (field: Field, value: unknown, path: string, level: number): Message | undefined {
  if (!isObject(value)) throw wireError(`Expecting a JSON object for field '${path}'`, path)
  const given = Object.entries(value).filter(([, one]) => one !== null)
  const entries = given.map(([key, one]) => [key, parseOne(field, one, `${path}.${key}`, level)] as const)
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}

function parseOne (field: Field, value: unknown, path: string, level: number): unknown {
  if (field.type !== 'message') return parseScalar(field, value, path)
  if (!isObject(value)) throw wireError(`Expecting a JSON object for field '${path}'`, path)
  return parseObject(field.schema!(), value, `${path}.`, level + 1)
}

function isObject (value: unknown): value is Message {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
