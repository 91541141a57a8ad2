import { startDeadline } from '../../base/deadline.ts'
import type { Containerizer } from '../../containerizer/containerizer.ts'
import type { Container } from '../../containerizer/container.ts'
import { AgentError, messageOf } from '../../model/errors.ts'
import type { Check, Family, Finding } from './check.ts'
import { probeHttp } from './probe-http.ts'
import { probeTcp } from './probe-tcp.ts'

export interface ProbeDeps { readonly containerizer: Pick<Containerizer, 'exec' | 'look'> }

const loopback: Readonly<Record<Family, string>> = { IPv4: '127.0.0.1', IPv6: '::1' }

/**
 * One look at a container. A look that finds nothing good is an answer too; undefined is none: it could not be made, for a reason that is not the
 * container's. Throws the signal's reason alone.
 */
export async function probe (container: Container, check: Check, deps: ProbeDeps, signal: AbortSignal): Promise<Finding | undefined> {
  const { timeoutMs } = check
  using deadline = startDeadline(signal, timeoutMs, () => new AgentError('STAGE_TIMEOUT', `no answer within ${timeoutMs / 1000} s`))
  try {
    return await lookAt(container, check, deps, deadline.signal)
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof AgentError && error.code === 'ENGINE_DOWN') return undefined
    return { isGood: false, says: messageOf(error) }
  }
}

async function lookAt (container: Container, { target }: Check, deps: ProbeDeps, signal: AbortSignal): Promise<Finding | undefined> {
  if (target.kind === 'COMMAND') {
    const exitCode = await deps.containerizer.exec(container, target, signal)
    return { isGood: exitCode === 0, says: `the command exited with status ${exitCode}`, exitCode }
  }
  const host = container.spec.network === 'host' ? loopback[target.family] : await addressOf(container, deps, signal)
  if (host === undefined) return undefined
  return target.kind === 'TCP' ? await probeTcp(host, target.port, signal) : await probeHttp(host, target, signal)
}

/** The look after the start may have failed. */
async function addressOf (container: Container, { containerizer }: ProbeDeps, signal: AbortSignal): Promise<string | undefined> {
  if (container.inspected === undefined) await containerizer.look(container, signal)
  return container.inspected?.ipAddress
}
