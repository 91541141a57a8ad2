import type { WireError } from '../model/errors.ts'
import type { LogRecord } from '../model/log-record.ts'
import type { PullProgress } from '../model/pull-progress.ts'
import type { ContainerUsage } from '../model/container-usage.ts'
import type { FetchProgress, FetchUri } from '../model/uri.ts'

/**
 * What worker threads do, by name. Plain data both ways.
 *
 *   main                           worker
 *   Envelope: input + a port  -->  handler of the job's name
 *                             <--  { progress } now and then   (over the port)
 *   { cancel } over the port  -->  aborts the handler's signal
 *                             <--  Reply: the output, or the error as data
 */
export interface Jobs {
  /** Pulls an image; ends when it is complete. Fails STAGE_STALLED after `stallMs` without a new line from the engine. */
  pull: { input: { socketPath: string, image: string, stallMs: number }, progress: PullProgress, output: undefined }
  /** Brings files into a sandbox, all or none. Fails STAGE_STALLED when one of them brings no byte for `stallMs`. */
  fetch: { input: { sandbox: string, uris: readonly FetchUri[], stallMs: number }, progress: FetchProgress, output: { bytes: number } }
  /** Copies a container's output into its sandbox until the container ends. */
  pipe: { input: PipeInput, progress: PipeProgress, output: PipedBytes }
  /** Writes to a container's cgroups what the engine's API cannot express, and compares its limits. NOT_FOUND: it has none (any more). */
  isolate: { input: KnownContainer & { limits: KernelLimits }, progress: never, output: Isolated }
  /** Writes new limits, all or none; names of files. UPDATE_REFUSED: below what is used, or not taken. NOT_FOUND: it has no cgroups (any more). */
  update: { input: KnownContainer & { limits: KernelLimits, previousCpuShares: number }, progress: never, output: { wrote: string[] } }
  /** What containers use, in their order; undefined for one that is gone. */
  usage: { input: { containers: KnownContainer[] }, progress: never, output: Array<ContainerUsage | undefined> }
}

export interface PipeInput {
  readonly socketPath: string
  readonly id: string
  /** As they were made. */
  readonly stdout: KnownFile
  readonly stderr: KnownFile
  /** Where the worker remembers what the lengths of the files do not tell. */
  readonly record: string
  /** It has not been started yet, and its pipe is laid for the first time: not a byte of it is anywhere else. */
  readonly isNew: boolean
  /** When the engine was lost, if that is why the pipe is laid again. */
  readonly engineLostAtMs?: number | undefined
  /** How long the container may be kept from writing by what we do with its output. */
  readonly holdMs: number
  /** How much the engine keeps of a container's log at least; 0: nobody knows. */
  readonly engineLogBytes: number
  /** A file is rotated before it is longer than `maxBytes`, unless that is 0; `maxFiles` are kept. */
  readonly rotation: { readonly maxBytes: number, readonly maxFiles: number }
}

/** attached: from now on nothing is missed. gap: here output is missing, or may be. rotated: a file has another in its place. */
export type PipeProgress = { kind: 'attached' } | { kind: 'gap', lostBytes: number } | { kind: 'rotated', record: LogRecord }

/** A file, and which one it was when we made it: whoever can write beside it may put another in its place. */
export interface KnownFile { readonly path: string, readonly device: number, readonly inode: number }

export interface PipedBytes { readonly stdout: number, readonly stderr: number }

/** By the engine's full id; with the pid of one of its processes, cgroups in unusual places are found as well. */
export interface KnownContainer { readonly engineId: string, readonly pid: number | undefined }

export interface KernelLimits { readonly cpuShares: number, readonly memoryBytes: number }

/** Names of files. */
export interface Isolated {
  readonly wrote: string[]
  readonly verified: string[]
  readonly differs: Array<{ file: string, expected: string, actual: string }>
}

export type JobName = keyof Jobs

/** Whether a job that was lost with its thread may be done again by itself: its effect is the same twice. */
export const isRepeatable: Readonly<Record<JobName, boolean>> = { pull: true, fetch: true, pipe: false, isolate: true, update: true, usage: true }

export type Input<N extends JobName> = Jobs[N]['input']
export type Progress<N extends JobName> = Jobs[N]['progress']
export type Output<N extends JobName> = Jobs[N]['output']

export interface ToMain<N extends JobName> { progress: Progress<N> }
export interface ToWorker { cancel: WireError }
export type Reply<T> = { ok: true, value: T } | { ok: false, error: WireError }
