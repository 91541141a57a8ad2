import type { ContainerSpec } from '../../model/container-spec.ts'

/** How executors reach the agent, each from the network that it is on. */
export interface ExecutorEndpoints {
  /** What a container of an executor finds in its environment for it. `gateway` is the host's address on its network, where there is one. */
  environmentFor (spec: ContainerSpec, gateway: string | undefined): Promise<Record<string, string>>
  /** The container needs its endpoint no more. Again is no harm. */
  release (containerId: string): void
}
