import type { Field, Schema } from './schema.ts'

type Message = Record<string, unknown>

const mostPaths = 20

/** The paths of required fields that are not set, in protobuf's own order: a message's own first, then those of its parts by number. */
export function missingFields (schema: Schema, message: object): string[] {
  const paths: string[] = []
  collect(schema, message as Message, '', paths)
  return paths
}

function collect (schema: Schema, message: Message, prefix: string, paths: string[]): void {
  for (const { rule, name } of schema.fields) if (rule === 'required' && message[name] === undefined) paths.push(prefix + name)
  for (const field of schema.byNumber.values()) {
    if (paths.length >= mostPaths) return
    const value = message[field.name]
    if (field.schema && value !== undefined) collectPart(field, value, prefix + field.name, paths)
  }
}

function collectPart (field: Field, value: unknown, path: string, paths: string[]): void {
  const { rule } = field
  const schema = field.schema!()
  if (rule === 'required' || rule === 'optional') return collect(schema, value as Message, `${path}.`, paths)
  const parts = rule === 'map' ? Object.values(value as Record<string, Message>) : value as Message[]
  for (let at = 0; at < parts.length && paths.length < mostPaths; at++) {
    collect(schema, parts[at]!, rule === 'map' ? `${path}[${at}].value.` : `${path}[${at}].`, paths)
  }
}
