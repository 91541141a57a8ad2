import type { Field, Scalar } from './schema.ts'
import { wireError } from './wire-error.ts'

const integers = {
  int32: [-(2n ** 31n), 2n ** 31n - 1n], uint32: [0n, 2n ** 32n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n], uint64: [0n, 2n ** 64n - 1n],
} as const

const parsers: Record<Scalar | 'enum', (value: unknown, path: string, field: Field) => unknown> = {
  string: parseString,
  bytes: parseBytes,
  bool: parseBool,
  double: parseDouble,
  float: parseDouble,
  int32: parseInteger,
  uint32: parseInteger,
  int64: parseInteger,
  uint64: parseInteger,
  enum: parseEnum,
}

/** A JSON value as what the field holds; undefined for an enum value of a newer peer where none is needed. */
export function parseScalar (field: Field, value: unknown, path: string): unknown {
  return parsers[field.type as Scalar | 'enum'](value, path, field)
}

function parseString (value: unknown, path: string): string {
  if (typeof value !== 'string') throw unexpected(value, path)
  return value
}

function parseBytes (value: unknown, path: string): Uint8Array {
  if (typeof value !== 'string') throw unexpected(value, path)
  const strange = /[^A-Za-z0-9+/=\s]/u.exec(value)
  if (strange) throw wireError(`Failed to base64 decode bytes field '${path}': Invalid character '${strange[0]}'`, path)
  return Uint8Array.from(Buffer.from(value, 'base64'))
}

function parseBool (value: unknown, path: string): boolean {
  if (typeof value !== 'boolean') throw unexpected(value, path)
  return value
}

function parseDouble (value: unknown, path: string): number {
  if (typeof value === 'number') return value
  if (typeof value !== 'string') throw unexpected(value, path)
  if (/^-?Infinity$|^NaN$/.test(value)) return Number(value)
  return parseNumber(value, path)
}

/** A number when it is safe as one, else a bigint. */
function parseInteger (value: unknown, path: string, field: Field): number | bigint {
  const [least, most] = integers[field.type as keyof typeof integers]
  const integer = exactInteger(value, path)
  if (integer === undefined) throw wireError(`Expecting a whole number for field '${path}'`, path)
  if (integer < least || integer > most) throw wireError(`Number out of range for field '${path}': expecting ${least} to ${most}`, path)
  return Number.isSafeInteger(Number(integer)) ? Number(integer) : integer
}

function exactInteger (value: unknown, path: string): bigint | undefined {
  if (typeof value === 'string' && /^-?\d{1,20}$/.test(value)) return BigInt(value)
  const number = typeof value === 'string' ? parseNumber(value, path) : value
  if (typeof number !== 'number') throw unexpected(value, path)
  return Number.isInteger(number) && Math.abs(number) <= 2 ** 64 ? BigInt(number) : undefined
}

function parseNumber (text: string, path: string): number {
  const fits = text.length <= 64 && /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text)
  if (!fits) throw wireError(`Failed to parse '${text.slice(0, 64)}' as a JSON number for field '${path}'`, path)
  return Number(text)
}

/** By name, or by number. An unknown value is an error where one is required, and otherwise as good as none. */
function parseEnum (value: unknown, path: string, field: Field): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') throw unexpected(value, path)
  const name = typeof value === 'number' ? field.values!.get(value) : nameIn(field.values!, value)
  if (name === undefined && field.rule === 'required') {
    throw wireError(`Failed to find enum for '${String(value).slice(0, 64)}' of field '${path}'`, path)
  }
  return name
}

function nameIn (values: ReadonlyMap<number, string>, wanted: string): string | undefined {
  for (const name of values.values()) if (name === wanted) return name
  return undefined
}

function unexpected (value: unknown, path: string): Error {
  const kind = Array.isArray(value) ? 'array' : typeof value
  return wireError(`Not expecting a JSON ${kind} for field '${path}'`, path)
}
