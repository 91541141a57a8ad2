import type { FetchUri } from './uri.ts'

/** What runs in the container: the image's own command, a line for /bin/sh -c (the image's ENTRYPOINT is overridden), or the words of a command. */
export type Command = { kind: 'image' } | { kind: 'shell', line: string } | { kind: 'argv', argv: readonly string[] }

export const networks = ['host', 'bridge', 'none'] as const
export type Network = typeof networks[number]

/** What a container may use, as far as it can be changed while it runs. */
export interface ContainerLimits { readonly cpus: number, readonly memBytes: number }

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
} as const
