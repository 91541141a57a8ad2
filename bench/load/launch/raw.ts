import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { LaunchTime } from './launch-time.ts'
import type { LaunchWish } from './wish.ts'

const program = fileURLToPath(new URL('raw-program.js', import.meta.url))

export interface RawWish extends LaunchWish {
  readonly socket: string
  /** Under which the sandboxes are. */
  readonly folder: string
  readonly count: number
  readonly atOnce: number
  /** When each is due, whatever became of those before it; 0: as soon as another one is through. */
  readonly perSecond: number
}

/** Containers that were launched with nothing between us and the engine; its disposal removes them. */
export interface RawLaunches extends AsyncDisposable {
  readonly launches: readonly LaunchTime[]
  /** Holds their sandboxes, by the names of the containers. */
  readonly folder: string
  readonly pid: number
}

/** Runs the yardstick, in a process of its own as the agent has one. Back when all of its containers run. */
export async function startRaw (wish: Omit<RawWish, 'folder'>): Promise<RawLaunches> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-raw-'))
  const child = spawn(process.execPath, [program, JSON.stringify({ ...wish, folder })], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  const end = async (): Promise<void> => {
    child.stdin.end()
    await ended
    await rm(folder, { recursive: true, force: true })
  }
  const [line] = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), ended]) as [unknown]
  if (typeof line === 'string') return { launches: JSON.parse(line) as LaunchTime[], folder, pid: child.pid ?? 0, [Symbol.asyncDispose]: end }
  await end()
  throw new Error(`the raw launches ended with ${String(line)}`)
}

/** The same when only the times are wanted. */
export async function rawTimes (wish: Omit<RawWish, 'folder'>): Promise<readonly LaunchTime[]> {
  await using raw = await startRaw(wish)
  return raw.launches
}
