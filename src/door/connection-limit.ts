import { readFileSync } from 'node:fs'

/** Connections that the door takes at once where the process may open files without end. */
const most = 10_000
const usualOpenFiles = 1024

/**
 * Anybody who reaches the port can open connections, token or none: half of the files that this process may open stay for the
 * engine, the logs and the checkpoint.
 */
export function connectionLimit (limits: string = limitsOfProcess()): number {
  const [, soft = String(usualOpenFiles)] = /^Max open files +(\d+)/m.exec(limits) ?? []
  return Math.min(most, Math.max(1, Math.floor(Number(soft) / 2)))
}

function limitsOfProcess (): string {
  try {
    return readFileSync('/proc/self/limits', 'utf8')
  } catch {
    return ''
  }
}
