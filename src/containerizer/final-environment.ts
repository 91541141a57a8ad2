import { race, startDeadline } from '../base/deadline.ts'
import type { Engine } from '../engine/port.ts'
import type { ContainerSpec } from '../model/container-spec.ts'
import { AgentError } from '../model/errors.ts'
import type { Container } from './container.ts'

/** A create may follow, also when its stage is over by then: so not for long. */
const askMs = 10_000

/** What a container finds in its environment, with what is known only now that its network is there. */
export async function finalEnvironment ({ spec, extras }: Container, engine: Engine, signal: AbortSignal): Promise<ContainerSpec['environment']> {
  const { lateEnvironment } = extras
  if (lateEnvironment === undefined) return spec.environment
  const network = spec.userNetwork ?? spec.network
  const hasGateway = spec.network === 'bridge' || spec.network === 'user'
  const late = (): Error => new AgentError('STAGE_TIMEOUT', `the engine did not describe the network ${network} within ${askMs / 1000} s`)
  using deadline = startDeadline(signal, askMs, late)
  const gateway = hasGateway ? await race(engine.gatewayOf(network, deadline.signal), deadline.signal) : undefined
  return { ...spec.environment, ...await lateEnvironment(gateway) }
}
