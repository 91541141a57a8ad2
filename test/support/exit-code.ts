import type { ChildProcess } from 'node:child_process'
import { constants } from 'node:os'

/** Waits for its end; a signal counts as 128 and its number, as shells have it. */
export function exitCodeOf (child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => { resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)) })
  })
}
