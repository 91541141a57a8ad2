/** What one run of a bench found, as a table, a file and a page show it. The schema's number grows when a reader of old files would err. */
export const schema = 1

export interface Report extends Findings {
  readonly schema: typeof schema
  readonly bench: string
  /** As they were in force, defaults included. */
  readonly options: Readonly<Record<string, string | number>>
  readonly machine: Machine
  readonly revision: Revision
  /** ISO 8601. */
  readonly startedAt: string
  readonly seconds: number
}

/** What a bench answers; the rest of its report is found out for it. */
export interface Findings {
  readonly rows: readonly Figure[]
  readonly stages?: readonly StageTimes[]
  readonly series?: readonly Series[]
}

export const statistics = ['value', 'p50', 'p95', 'p99', 'max'] as const
export type Statistic = typeof statistics[number]

/** One line of the table: a single value, or the spread of many. */
export interface Figure extends Readonly<Partial<Record<Statistic, number>>> {
  readonly name: string
  /** `ms` suits itself to the size of the time, `%` is of 1 (0.03 is told as 3 %), `×` is a ratio. */
  readonly unit: string
  /** Of how many measurements. */
  readonly count?: number
  /** Absent where it only informs. */
  readonly better?: 'lower' | 'higher'
  readonly goals?: readonly Goal[]
}

export type Goal = { readonly of: Statistic, readonly atMost: number } | { readonly of: Statistic, readonly atLeast: number }

/** What a stage of a launch took, in ms: waiting for its turn, and at work. */
export interface StageTimes {
  readonly stage: string
  readonly queue: { readonly p50: number, readonly p99: number }
  readonly took: { readonly p50: number, readonly p95: number, readonly p99: number }
}

/** A curve; those of one chart share its axes. */
export interface Series {
  readonly chart: string
  readonly name: string
  readonly unit: string
  /** What x is, with its unit: "seconds since the start". */
  readonly x: string
  readonly points: ReadonlyArray<readonly [x: number, y: number]>
}

export interface Machine {
  readonly cores: number
  readonly cpu: string
  readonly memoryMb: number
  readonly kernel: string
  readonly node: string
  /** Of the bench that needs one. */
  readonly engine?: { readonly version: string, readonly storageDriver: string, readonly cgroupVersion: string }
}

export interface Revision {
  /** As `git describe` has it, or "unknown". */
  readonly name: string
  /** Whether files differ from that revision. */
  readonly isDirty: boolean
}
