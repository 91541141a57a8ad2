import type { FetchUri } from './uri.ts'

/** What runs in the container: the image's own command, a line for /bin/sh -c (the image's ENTRYPOINT is overridden), or the words of a command. */
export type Command = { kind: 'image' } | { kind: 'shell', line: string } | { kind: 'argv', argv: readonly string[] }

export const networks = ['host', 'bridge', 'none'] as const
/** `user`: one of the engine's by name, which `userNetwork` is. */
export type Network = typeof networks[number] | 'user'

export interface PortMapping { readonly hostPort: number, readonly containerPort: number, readonly protocol: 'tcp' | 'udp' }

/** Which network of the engine is meant by a name. */
export interface NetworkJoin {
  /** One of that name that somebody has made may be used, and is if it is there. */
  readonly isShared: boolean
  /** What the engine calls the one that is made for the task's framework alone; undefined: none is. */
  readonly own: string | undefined
  /** How others find the container: on its framework's own network by both, elsewhere by the one that no other framework's can have. */
  readonly alias: { readonly plain: string, readonly qualified: string } | undefined
}

/** A place on a network, in the engine's words. */
export interface Endpoint { readonly network: string, readonly aliases: readonly string[] }

export type Volume = {
  readonly containerPath: string
  readonly readOnly: boolean
  /** Where the task asked for it. */
  readonly field: string
} & (
  /** Its real path must lie within one of these folders, named by this setting if there is one. */
  | {
    readonly kind: 'bind', readonly hostPath: string, readonly within: readonly string[], readonly allowedBy?: string | undefined
    /** It outlives the task, and belongs to who runs in it. */
    readonly isPersistent?: true
  }
  | { readonly kind: 'named', readonly name: string, readonly driver?: string | undefined }
)

/** What `docker run` with swap left alone gives, none at all, or all there is. */
export const swapPolicies = ['double', 'none', 'unlimited'] as const

/** Limits beyond the shares of CPU and the hard limit of memory. */
export interface Limits {
  readonly cpuQuotaMicros?: number | undefined
  /** The quota is of the CPUs asked for, and changes with them. */
  readonly quotaFollowsCpus?: boolean
  readonly memReservationBytes?: number | undefined
  readonly oomScoreAdj?: number | undefined
  readonly swap?: typeof swapPolicies[number]
  /** Processes and threads; 0: no limit. */
  readonly pids?: number
}

/** What a task asks of Docker in Docker's own words, checked: fields of the create body, and of its HostConfig. */
export interface EngineFields {
  readonly config: Readonly<Record<string, unknown>>
  readonly host: Readonly<Record<string, unknown>>
}

/** What a container may use, as far as it can be changed while it runs. */
export interface ContainerLimits {
  readonly cpus: number
  readonly memBytes: number
  /** Of CPU time in a period of 100 ms. */
  readonly cpuQuotaMicros?: number | undefined
}

/** A container as Slipway understands it: everything that is asked of the engine, in nobody's wire format. */
export interface ContainerSpec {
  /** A UUID; the Mesos container id. */
  readonly containerId: string
  /** The engine's name for it, known before the create call is made: undo goes by it. */
  readonly name: string
  readonly image: string
  /** Pull even when the engine has the image. */
  readonly forcePull: boolean
  /** Brought into the sandbox before it is created. */
  readonly uris: readonly FetchUri[]
  readonly command: Command
  readonly environment: Readonly<Record<string, string>>
  readonly network: Network
  readonly userNetwork?: string | undefined
  readonly join?: NetworkJoin
  /** Found out just before it is created. */
  readonly endpoint?: Endpoint
  /** Capabilities that a container with the host's network does not get. */
  readonly hostNetworkDropCaps?: readonly string[]
  readonly hostname?: string | undefined
  /** As the engine takes it: a name of the image's, or numbers. */
  readonly user?: string | undefined
  readonly privileged?: boolean
  readonly ports?: readonly PortMapping[]
  /** Its output goes through a terminal: one stream, with the line ends of one. */
  readonly terminal?: boolean
  /** As the engine's driver for GPUs numbers them. */
  readonly gpus?: readonly string[]
  readonly volumes?: readonly Volume[]
  readonly limits?: Limits
  readonly engineFields?: EngineFields
  /** All of them, those of the engine's fields too. */
  readonly ulimits?: ReadonlyArray<{ readonly Name: string, readonly Soft: number, readonly Hard: number }>
  readonly cpus: number
  readonly memBytes: number
  readonly sandbox: { readonly hostPath: string, readonly containerPath: string }
  readonly labels: Readonly<Record<string, string>>
  /** Time between SIGTERM and SIGKILL. */
  readonly graceMs: number
}

/** The labels by which Slipway knows its containers again. */
export const labels = {
  agent: 'slipway.agent',
  container: 'slipway.container',
  task: 'slipway.task',
  framework: 'slipway.framework',
  executor: 'slipway.executor',
  /** On networks: what tasks call it. */
  network: 'slipway.network',
} as const
