import type { Engine } from '../engine/port.ts'
import type { ContainerSpec } from '../model/container-spec.ts'
import type { Container } from './container.ts'

/** What a container finds in its environment, with what is known only now that its network is there. */
export async function finalEnvironment ({ spec, extras }: Container, engine: Engine, signal: AbortSignal): Promise<ContainerSpec['environment']> {
  const { lateEnvironment } = extras
  if (lateEnvironment === undefined) return spec.environment
  const network = spec.userNetwork ?? spec.network
  const hasGateway = spec.network === 'bridge' || spec.network === 'user'
  const gateway = hasGateway ? await engine.gatewayOf(network, signal) : undefined
  return { ...spec.environment, ...await lateEnvironment(gateway) }
}
