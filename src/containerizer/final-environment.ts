import { race, startDeadline } from '../base/deadline.ts'
import type { Engine } from '../engine/port.ts'
import type { ContainerSpec } from '../model/container-spec.ts'
import { AgentError } from '../model/errors.ts'
import type { Container } from './container.ts'

interface Deps extends Pick<ContainerSpec, 'endpoint'> { readonly engine: Engine }

/** A create may follow, also when its stage is over by then: so not for long. */
const askMs = 10_000

/** What a container finds in its environment, with what is known only now that its network is there. */
export async function finalEnvironment ({ spec, extras }: Container, { engine, endpoint }: Deps, signal: AbortSignal): Promise<ContainerSpec['environment']> {
  const { lateEnvironment } = extras
  if (lateEnvironment === undefined) return spec.environment
  const hasGateway = spec.network === 'bridge' || spec.network === 'user'
  const name = endpoint?.network ?? spec.userNetwork ?? spec.network
  const late = (): Error => new AgentError('STAGE_TIMEOUT', `the engine did not describe the network ${name} within ${askMs / 1000} s`)
  using deadline = startDeadline(signal, askMs, late)
  const network = hasGateway ? await race(engine.findNetwork(name, deadline.signal), deadline.signal) : undefined
  return { ...spec.environment, ...await lateEnvironment(network?.gateway) }
}
