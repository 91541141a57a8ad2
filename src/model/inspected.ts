/** What the engine says of a container's life. */
export type EngineState = 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead'

/** What an inspect tells, and the engine's own document, for those who want it all. */
export interface Inspected {
  readonly id: string
  readonly running: boolean
  /** 0 when it does not run. */
  readonly pid: number
  readonly status: EngineState
  readonly exitCode: number
  readonly oomKilled: boolean
  /** By the engine's clock, which is the host's; undefined: it never did. */
  readonly startedAtMs?: number | undefined
  readonly finishedAtMs?: number | undefined
  /** The engine's own word on why it could not start, or ''. */
  readonly error: string
  readonly ipAddress: string | undefined
  /** JSON. */
  readonly document: string
}
