import { AgentError } from '../model/errors.ts'
import type { Snapshot } from './checkpoint.ts'
import { decodeRecord, isFamily, migrations } from './versions.ts'

export type Unreadable = (key: string, error: AgentError) => void

/** All records by family. One that cannot be read is told, which may throw; one of a newer version always throws. */
export function loadRecords (entries: Iterable<[key: string, text: string]>, onUnreadable: Unreadable): Snapshot {
  const snapshot = Object.fromEntries(Object.keys(migrations).map(family => [family, new Map<string, unknown>()]))
  for (const [path, text] of entries) {
    const slash = path.indexOf('/')
    const [family, key] = [path.slice(0, slash), path.slice(slash + 1)]
    try {
      if (!isFamily(family)) throw new AgentError('CHECKPOINT_NEWER', `this Slipway knows no ${family} records`)
      snapshot[family]?.set(key, decodeRecord(family, text))
    } catch (cause) {
      const error = AgentError.wrap(cause, `the checkpoint's record ${path} cannot be read`)
      if (error.code === 'CHECKPOINT_NEWER') throw error
      onUnreadable(path, error)
    }
  }
  return snapshot as unknown as Snapshot
}
