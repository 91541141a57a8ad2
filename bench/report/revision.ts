import { spawnSync } from 'node:child_process'
import type { Revision } from './report.ts'

const dirty = '-dirty'

/** Of the project's folder, which is the current one; a copy without git has none. */
export function describeRevision (): Revision {
  const { status, stdout } = spawnSync('git', ['describe', '--always', '--tags', `--dirty=${dirty}`], { encoding: 'utf8', timeout: 10_000 })
  if (status !== 0) return { name: 'unknown', isDirty: false }
  const told = stdout.trim()
  return { name: told.replace(new RegExp(`${dirty}$`), ''), isDirty: told.endsWith(dirty) }
}
