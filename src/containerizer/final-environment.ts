import type { Engine } from '../engine/port.ts'
import type { ContainerSpec } from '../model/container-spec.ts'
import type { Container } from './container.ts'

interface Deps extends Pick<ContainerSpec, 'endpoint'> { readonly engine: Engine }

/** What a container finds in its environment, with what is known only now that its network is there. */
export async function finalEnvironment ({ spec, extras }: Container, { engine, endpoint }: Deps, signal: AbortSignal): Promise<ContainerSpec['environment']> {
  const { lateEnvironment } = extras
  if (lateEnvironment === undefined) return spec.environment
  const hasGateway = spec.network === 'bridge' || spec.network === 'user'
  const network = hasGateway ? await engine.findNetwork(endpoint?.network ?? spec.userNetwork ?? spec.network, signal) : undefined
  return { ...spec.environment, ...await lateEnvironment(network?.gateway) }
}
