import type { ContainerLimits, ContainerSpec } from '../model/container-spec.ts'
import type { EngineState, Inspected } from '../model/inspected.ts'
import type { PullProgress } from '../model/pull-progress.ts'

/** What one list call tells of a container. */
export interface Listed {
  readonly id: string
  readonly name: string
  readonly state: EngineState
  /** Of one that has exited. */
  readonly exitCode: number | undefined
  readonly labels: Readonly<Record<string, string>>
  /** Seconds since the epoch. */
  readonly createdAt: number
}

/** A network of the engine. */
export interface EngineNetwork {
  readonly id: string
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  /** The host's address on it; undefined where it has none. */
  readonly gateway: string | undefined
}

export interface ListedImage {
  readonly id: string
  /** "busybox:latest" */
  readonly tags: readonly string[]
  /** "busybox@sha256:…" */
  readonly digests: readonly string[]
  /** Seconds since the epoch. */
  readonly createdAt: number
}

export interface EngineEvent {
  readonly action: 'die' | 'destroy'
  readonly id: string
  readonly labels: Readonly<Record<string, string>>
}

export interface ExecCommand {
  readonly argv: readonly string[]
  /** Besides the container's own. */
  readonly environment: Readonly<Record<string, string>>
}

/**
 * The engine as the main thread sees it. Every call takes a signal that ends the waiting, not the engine's work: an aborted create or
 * start has an unknown result. All failures are AgentErrors; an aborted call throws its signal's reason.
 */
export interface Engine {
  /** Answered at once by an engine that is well, whatever its containers do. */
  ping (signal: AbortSignal): Promise<void>
  /** The engine's version, for people. */
  version (signal: AbortSignal): Promise<string>
  hasImage (image: string, signal: AbortSignal): Promise<boolean>
  /** Makes the container; answers the engine's id. A name that is taken is ENGINE_REFUSED. */
  create (spec: ContainerSpec, signal: AbortSignal): Promise<string>
  start (id: string, signal: AbortSignal): Promise<void>
  /** Sends a signal. A container that does not run or does not exist is no error: there is nothing left to do. */
  kill (idOrName: string, unixSignal: 'SIGTERM' | 'SIGKILL', signal: AbortSignal): Promise<void>
  /** Changes the limits of a container, running or not. Swap and soft limit keep their proportion to memory. */
  update (id: string, limits: ContainerLimits, signal: AbortSignal): Promise<void>
  /**
   * Removes it by force, its anonymous volumes too; back when it is gone. A removal under way elsewhere is waited for a short time; then it is
   * ENGINE_REFUSED. One that is not there is no error.
   */
  remove (idOrName: string, signal: AbortSignal): Promise<void>
  /** undefined: there is no such container. */
  inspect (idOrName: string, signal: AbortSignal): Promise<Inspected | undefined>
  /** Runs a command in a running container; its exit code. An abort ends the waiting, and the command where that can be: the engine has no call for it. */
  exec (idOrName: string, command: ExecCommand, signal: AbortSignal): Promise<number>
  /** All containers that carry this label (`key` or `key=value`), running or not. */
  list (label: string, signal: AbortSignal): Promise<Listed[]>
  /** undefined: there is no network of this name; `bridge` is the engine's own. */
  findNetwork (name: string, signal: AbortSignal): Promise<EngineNetwork | undefined>
  /** Makes a bridge network. A name that is taken is ENGINE_REFUSED. */
  createNetwork (network: Pick<EngineNetwork, 'name' | 'labels'>, signal: AbortSignal): Promise<void>
  /** False: containers are on it. One that is not there is no error. */
  removeNetwork (id: string, signal: AbortSignal): Promise<boolean>
  /** All networks that carry this label (`key` or `key=value`). */
  listNetworks (label: string, signal: AbortSignal): Promise<EngineNetwork[]>
  /** Hints that containers have ended, until the signal aborts or the stream ends: the engine may skip some. */
  events (label: string, signal: AbortSignal): AsyncIterable<EngineEvent>
  /** Whether it has told of the end of a container since then, as far as it remembers: not what an engine before it has told. */
  hasDied (id: string, sinceMs: number, signal: AbortSignal): Promise<boolean>
  images (signal: AbortSignal): Promise<ListedImage[]>
  /** Ids of the images of all containers on the engine, anybody's, running or not. */
  imagesInUse (signal: AbortSignal): Promise<ReadonlySet<string>>
  /** Takes a name away, and with its last one the image. One that is not there is no error; one that a container has is ENGINE_REFUSED. */
  removeImage (nameOrId: string, signal: AbortSignal): Promise<void>
  /** The folder where it keeps images and containers, as it names it itself. */
  dataRoot (signal: AbortSignal): Promise<string>
  /** Makes an image from a tar of its file system. */
  importImage (tar: NodeJS.ReadableStream, image: string, signal: AbortSignal): Promise<void>
}

/** The part of the engine that worker threads use: long calls with streams. */
export interface EngineStreams {
  /** Pulls an image; ends when the engine says that it is complete. */
  pull (image: string, onProgress: (progress: PullProgress) => void, signal: AbortSignal): Promise<void>
  /** The container's stdout and stderr, multiplexed in 8-byte headed frames, from the next byte on. Ends when the container does. */
  attach (id: string, signal: AbortSignal): Promise<ByteStream>
  /**
   * The engine's own log of a container, multiplexed likewise: each entry is one frame that begins with its time and a blank. `since` is such a time, and
   * inclusive. With `follow` it ends when the container does. It fails if it is cut.
   */
  log (id: string, range: LogRange, signal: AbortSignal): Promise<ByteStream>
}

export type ByteStream = NodeJS.ReadableStream & {
  destroy (): unknown
  readonly destroyed?: boolean
  /** In place of 'data', where there is a shorter way: each chunk is valid during the call only. */
  handOver? (take: (chunk: Buffer) => void): void
}

export interface LogRange { readonly since: string, readonly follow: boolean }
