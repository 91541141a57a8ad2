import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from './eventually.ts'

/** Where a start of a container is held: at a call of runc, before it is made or once it is done. */
export const holdPoints = ['before create', 'after create', 'before start', 'after start'] as const
export type HoldPoint = typeof holdPoints[number]

/** runc, but for a start that is held where it is told to. */
export interface HoldingRuntime extends Disposable {
  /** For `startPrivateEngine`. */
  readonly path: string
  /** The next containers are held there, until `release`. */
  hold (point: HoldPoint): void
  /** Back when one is. */
  isHeld (): Promise<void>
  release (): void
}

export function makeHoldingRuntime (): HoldingRuntime {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-runtime-'))
  const [path, wanted, held] = ['runtime', 'wanted', 'held'].map(name => join(folder, name)) as [string, string, string]
  const script = [
    '#!/bin/sh',
    'command=none',
    'for word; do case "$word" in create|start) command=$word; break;; esac; done',
    `hold () { if [ "$(cat ${wanted} 2>/dev/null)" = "$1 $command" ]; then : > ${held}; while [ -e ${wanted} ]; do sleep 0.05; done; fi; }`,
    'hold before',
    'runc "$@"',
    'code=$?',
    'hold after',
    'exit $code',
  ].join('\n')
  writeFileSync(path, script, { mode: 0o755 })
  const release = (): void => { for (const file of [wanted, held]) rmSync(file, { force: true }) }
  return {
    path, release,
    hold (point) {
      release()
      writeFileSync(wanted, point)
    },
    async isHeld () { await eventually(() => existsSync(held), { withinMs: 30_000, reason: 'that the runtime is held' }) },
    [Symbol.dispose] () { rmSync(folder, { recursive: true, force: true }) },
  }
}
