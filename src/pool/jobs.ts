import type { ArchiveLimits } from '../model/archive-limits.ts'
import type { Login } from '../model/docker-config.ts'
import type { WireError } from '../model/errors.ts'
import type { CacheAbout, CachedFile, CacheEntry, FileStamp } from '../model/fetch-cache.ts'
import type { LogRecord } from '../model/log-record.ts'
import type { PullProgress } from '../model/pull-progress.ts'
import type { ContainerUsage } from '../model/container-usage.ts'
import type { TcpSocket } from '../model/tcp-socket.ts'
import type { TransferOptions } from '../model/transfer-options.ts'
import type { FetchProgress, FetchUri } from '../model/uri.ts'

/**
 * What worker threads do, by name. Plain data both ways.
 *
 *   main                           worker
 *   Envelope: input + a port  -->  handler of the job's name      (a short job has no port)
 *                             <--  { progress } now and then   (over the port)
 *   { cancel } over the port  -->  aborts the handler's signal
 *                             <--  Reply: the output, or the error as data
 */
export interface Jobs {
  /** Pulls an image; ends when it is complete. Fails STAGE_STALLED after `stallMs` without a new line from the engine, or the credential helper's answer. */
  pull: { input: { socketPath: string, image: string, stallMs: number, login?: Login }, progress: PullProgress, output: undefined }
  /** Brings files into a sandbox, all or none. Fails STAGE_STALLED when one of them brings no byte for `stallMs`. */
  fetch: { input: FetchInput, progress: FetchProgress, output: Fetched }
  /** Refuses a task's URIs that cannot be fetched, before the first byte of any. */
  checkUris: { input: Pick<FetchInput, 'uris' | 'transfer'>, progress: never, output: undefined }
  /** Makes ready the folder of the cache, and tells what is in it. */
  loadCache: { input: { dir: string }, progress: never, output: { entries: CacheEntry[] } }
  /** Brings a URI into the cache. */
  fillCache: { input: FillCacheInput, progress: CacheProgress, output: { entry: CacheEntry, stamp: FileStamp } }
  /** Looks whether an entry is good to use. */
  checkCache: { input: CheckCacheInput, progress: never, output: { state: 'damaged' | 'stale' } | { state: 'good', stamp: FileStamp } }
  /** Removes an entry. */
  dropCache: { input: { dir: string, id: string }, progress: never, output: undefined }
  /** Makes a sandbox with its empty log files. SANDBOX_FAILED, DISK_FULL. */
  sandbox: { input: { path: string }, progress: never, output: { stdout: KnownFile, stderr: KnownFile } }
  /** Copies a container's output into its sandbox until the container ends. */
  pipe: { input: PipeInput, progress: PipeProgress, output: PipedBytes }
  /** Writes to a container's cgroups what the engine's API cannot express, and compares its limits. NOT_FOUND: it has none (any more). */
  isolate: { input: KnownContainer & { limits: KernelLimits }, progress: never, output: Isolated }
  /** Writes new limits, all or none; names of files. UPDATE_REFUSED: below what is used, or not taken. NOT_FOUND: it has no cgroups (any more). */
  update: { input: KnownContainer & { limits: KernelLimits, previousCpuShares: number }, progress: never, output: { wrote: string[] } }
  /** Signals a container past its engine, or only counts its processes; how many are left. NOT_FOUND: it has no cgroups (any more). */
  signal: { input: KnownContainer & { signal: 'SIGTERM' | 'SIGKILL' | undefined }, progress: never, output: { processes: number } }
  /** Ends what still runs of containers that the engine does not have any more; how many processes there were. */
  clear: { input: { engineIds: readonly string[] }, progress: never, output: { killed: number } }
  /** Sandboxes below the work directory, of earlier agents too, and how full its disk is. */
  sandboxes: { input: { workDir: string }, progress: never, output: { usedRatio: number, found: FoundSandbox[] } }
  /** Removes a sandbox, or what a fetch left in one. Never follows a link; gone already is as good. */
  discardSandbox: { input: { path: string, isTemporary: boolean }, progress: never, output: { entries: number } }
  /** How full the file system is that holds a path: 0 to 1. */
  disk: { input: { path: string }, progress: never, output: { usedRatio: number } }
  /** What containers use, in their order; undefined for one that is gone. */
  usage: { input: { containers: KnownContainer[] }, progress: never, output: Array<ContainerUsage | undefined> }
  /** Which of these containers has the socket in hand, by its place in the list; undefined: none of them, or that cannot be told. */
  socketOwner: { input: { containers: KnownContainer[], socket: TcpSocket }, progress: never, output: number | undefined }
}

export interface FetchInput {
  readonly sandbox: string
  readonly uris: readonly FetchUri[]
  readonly stallMs: number
  /** What is not named is as in `plainTransfer`. */
  readonly transfer?: Partial<TransferOptions>
  /** Undefined: as the settings have it by default. */
  readonly archives?: ArchiveLimits
  /** Whose the files are to be; undefined: the agent's. */
  readonly owner?: FileOwner | undefined
  /** Of the URIs, in their order: the file in the cache. */
  readonly cached?: ReadonlyArray<CachedFile | undefined>
}

export interface FileOwner { readonly uid: number, readonly gid: number }

/** Bytes that were transferred, and that came from the cache. */
export interface Fetched { readonly bytes: number, readonly cachedBytes: number }

export interface FillCacheInput extends Pick<FetchInput, 'stallMs' | 'transfer'> {
  readonly dir: string
  /** What its folder is to be called. */
  readonly id: string
  readonly uri: string
  readonly key: string
  readonly user: string | undefined
}

export interface CacheProgress { readonly bytes: number, readonly totalBytes: number | undefined }

export interface CheckCacheInput extends Pick<FetchInput, 'stallMs' | 'transfer'> {
  readonly dir: string
  readonly id: string
  readonly about: CacheAbout
  /** As it was when its content was read last; undefined: not by this agent. */
  readonly stamp: FileStamp | undefined
  /** The URI, if its server is to be asked. */
  readonly revalidate?: string | undefined
}

export interface PipeInput {
  readonly socketPath: string
  readonly id: string
  /** The container has a terminal: its output is one stream. */
  readonly terminal?: boolean | undefined
  /** As they were made. */
  readonly stdout: KnownFile
  readonly stderr: KnownFile
  /** Where the worker remembers what the lengths of the files do not tell. */
  readonly record: string
  /** It has not been started yet, and its pipe is laid for the first time: not a byte of it is anywhere else. */
  readonly isNew: boolean
  /** When the engine was lost, if that seems to be why the pipe is laid again. */
  readonly engineLostAtMs?: number | undefined
  /** When engines began as far as is known, oldest first: some of them may have gone before a pipe was laid to them. */
  readonly engineBegins?: readonly number[]
  /** The container has ended: its log is all that there will ever be. */
  readonly isOver?: boolean
  /** Why the engine's log will not give what is missing: it is marked, and a container that runs is read live from there on. */
  readonly unreadable?: string | undefined
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

export interface FoundSandbox {
  readonly path: string
  readonly containerId: string
  /** Its removal was begun and not ended. */
  readonly isDiscarded: boolean
  readonly usedAtMs: number
  /** Names of folders in it that a fetch left. */
  readonly temporary: readonly string[]
}

export interface PipedBytes { readonly stdout: number, readonly stderr: number }

/** By the engine's full id; with the pid of one of its processes, cgroups in unusual places are found as well. */
export interface KnownContainer { readonly engineId: string, readonly pid: number | undefined }

/** Without a quota, whatever the kernel has is right. */
export interface KernelLimits { readonly cpuShares: number, readonly memoryBytes: number, readonly cpuQuotaMicros?: number | undefined }

/** Names of files. */
export interface Isolated {
  readonly wrote: string[]
  readonly verified: string[]
  readonly differs: Array<{ file: string, expected: string, actual: string }>
}

export type JobName = keyof Jobs

/** Whether a job that was lost with its thread may be done again by itself: its effect is the same twice. */
export const isRepeatable: Readonly<Record<JobName, boolean>> = {
  pull: true, fetch: true, pipe: false, isolate: true, update: true, signal: true, clear: true, usage: true, socketOwner: true,
  sandbox: false, sandboxes: true, discardSandbox: true, disk: true,
  checkUris: true, loadCache: true, fillCache: true, checkCache: true, dropCache: true,
}

/** They are over soon, say nothing in between and do not hear of an abort: a port would be most of their cost. */
export const isShort: Readonly<Partial<Record<JobName, true>>> = { isolate: true, signal: true, sandbox: true }

export type Input<N extends JobName> = Jobs[N]['input']
export type Progress<N extends JobName> = Jobs[N]['progress']
export type Output<N extends JobName> = Jobs[N]['output']

export interface ToMain<N extends JobName> { progress: Progress<N> }
export interface ToWorker { cancel: WireError }
export type Reply<T> = { ok: true, value: T } | { ok: false, error: WireError }
