import { existsSync, readFileSync, statSync } from 'node:fs'

/** One run of the engine, from a start of it to its end. */
export interface EngineRun {
  /** No two runs have the same. Such of other kinds (what is before the colon) cannot be compared. */
  readonly id: string
  /** It had not logged anything by then. */
  readonly beganAtMs: number
  /** Each start of the engine gives another id. Otherwise a start can go unnoticed, since its socket may be made by others: systemd, a proxy. */
  readonly isSure: boolean
}

/**
 * Which run of the engine is behind this socket. The API does not tell; the file with its pid does, which lies beside the socket unless somebody wanted it
 * elsewhere and is written anew at each start, else the socket itself. undefined: there is no socket.
 */
export function engineRun (socketPath: string): EngineRun | undefined {
  return runOfPidFile(pidFileOf(socketPath)) ?? runOfSocket(socketPath)
}

/** Where the engine writes its pid unless it is told otherwise. */
export function pidFileOf (socketPath: string): string {
  return socketPath.replace(/(\.sock)?$/, '.pid')
}

function runOfPidFile (path: string): EngineRun | undefined {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false })
  if (stats?.isFile() !== true) return undefined
  const pid = pidIn(path)
  // What an engine has left here that is no more tells nothing of the one behind the socket.
  if (!Number.isSafeInteger(pid) || pid <= 0 || !existsSync(`/proc/${pid}`)) return undefined
  return { id: `process:${pid}-${stats.mtimeNs}`, beganAtMs: Number(stats.mtimeNs / 1_000_000n), isSure: true }
}

/** NaN: the engine that ends has taken the file away meanwhile. */
function pidIn (path: string): number {
  try {
    return Number(readFileSync(path, 'utf8').slice(0, 20))
  } catch {
    return NaN
  }
}

/** By when it was bound: that of the last change moves with chmod too. */
function runOfSocket (path: string): EngineRun | undefined {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false })
  return stats && { id: `socket:${stats.dev}-${stats.ino}-${stats.mtimeNs}`, beganAtMs: Number(stats.mtimeNs / 1_000_000n), isSure: false }
}
