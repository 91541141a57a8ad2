import { AgentError, messageOf } from '../model/errors.ts'
import type { Family, Records } from './records.ts'

type Fields = Readonly<Record<string, unknown>>

/**
 * The steps from each version of a family's records to the next; the newest is the one after the last step. A record of an older version is read
 * through the steps that it lacks, and written anew when it next changes.
 */
export const migrations: Readonly<Record<Family, ReadonlyArray<(old: Fields) => Fields>>> = {
  container: [], task: [], update: [], executor: [], framework: [], agent: [], capacity: [], drain: [],
}

export function isFamily (text: string): text is Family {
  return Object.hasOwn(migrations, text)
}

function newest (family: Family): number {
  return migrations[family].length + 1
}

export function encodeRecord<F extends Family> (family: F, record: Records[F]): string {
  return JSON.stringify({ version: newest(family), ...record })
}

/** Throws CHECKPOINT_NEWER on a record of a version to come, CHECKPOINT_DAMAGED on one that cannot be read. */
export function decodeRecord<F extends Family> (family: F, text: string, steps = migrations): Records[F] {
  const { version, ...fields } = parse(text)
  const last = steps[family].length + 1
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 1) throw new AgentError('CHECKPOINT_DAMAGED', 'it has no version')
  if (version > last) throw new AgentError('CHECKPOINT_NEWER', `it has version ${version}, and this Slipway knows ${family} records up to version ${last}`)
  return steps[family].slice(version - 1).reduce<Fields>((old, step) => step(old), fields) as unknown as Records[F]
}

function parse (text: string): Fields {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields
  } catch (error) {
    throw new AgentError('CHECKPOINT_DAMAGED', messageOf(error))
  }
  throw new AgentError('CHECKPOINT_DAMAGED', 'it is no object')
}
