import type { Cursor } from './program.ts'
import { LogDriver } from './log-driver.ts'
import type { Program } from './runner.ts'
import type { Outlet } from './outlet.ts'

/** The part of a create body that the simulation understands; the rest is kept and shown by inspect. */
export interface CreateBody {
  readonly Image?: string
  readonly Cmd?: readonly string[] | string | null
  readonly Entrypoint?: readonly string[] | string | null
  readonly Env?: readonly string[] | null
  readonly Labels?: Readonly<Record<string, string>> | null
  readonly Tty?: boolean
  readonly HostConfig?: Readonly<Record<string, unknown>> & {
    readonly NetworkMode?: string
    readonly Memory?: number
    readonly AutoRemove?: boolean
    readonly LogConfig?: { readonly Config?: Readonly<Record<string, string>> }
    readonly Mounts?: readonly { Type?: string, Source?: string, Target?: string }[] | null
  }
}

export type ContainerState = 'created' | 'running' | 'removing' | 'exited'

/** What a container is, in plain data: it survives the death of the engine's process. */
export interface Kept {
  readonly id: string
  readonly name: string
  readonly body: CreateBody
  readonly argv: readonly string[]
  readonly imageId: string
  readonly createdMs: number
  state: ContainerState
  exitCode: number
  error: string
  oomKilled: boolean
  pid: number
  startedMs: number
  finishedMs: number
  cursor: Cursor
}

export type Condition = 'not-running' | 'next-exit' | 'removed'

/** A container and what is attached to it while the engine's process lives. */
export interface Container extends Kept {
  program: Program | undefined
  isRemoving: boolean
  /** Calls that need the container's lock wait for it: it takes a moment between the last byte and `exited`. */
  settled: Promise<void>
  readonly attached: Set<Outlet>
  readonly waiters: Set<{ readonly condition: Condition, readonly resolve: () => void }>
  readonly log: LogDriver
}

const loose = ({ HostConfig }: CreateBody): Pick<Container, Exclude<keyof Container, keyof Kept>> => ({
  program: undefined, isRemoving: false, settled: Promise.resolve(), attached: new Set(), waiters: new Set(), log: new LogDriver(HostConfig?.LogConfig?.Config),
})

export function revive (kept: Kept): Container {
  // A removal that was under way died with the engine.
  const state = kept.state === 'removing' ? 'exited' : kept.state
  return { ...kept, state, ...loose(kept.body) }
}

export function keep (container: Container): Kept {
  const { id, name, body, argv, imageId, createdMs } = container
  const { state, exitCode, error, oomKilled, pid, startedMs, finishedMs, cursor } = container
  return { id, name, body, argv, imageId, createdMs, state, exitCode, error, oomKilled, pid, startedMs, finishedMs, cursor }
}

export function environmentOf (body: CreateBody): Map<string, string> {
  return new Map((body.Env ?? []).map(pair => [pair.replace(/=.*/s, ''), pair.replace(/^[^=]*=?/, '')]))
}
