import { startDeadline } from '../../base/deadline.ts'
import type { Containerizer } from '../../containerizer/containerizer.ts'
import type { Container } from '../../containerizer/container.ts'
import { AgentError, messageOf } from '../../model/errors.ts'
import type { Check, Finding, Target } from './check.ts'
import type { Helpers } from './helpers.ts'
import { probeHttp } from './probe-http.ts'
import { insideProbe, type InsideProbe } from './probe-inside.ts'
import { probeTcp } from './probe-tcp.ts'
import { waysTo, type Way } from './ways.ts'

export interface ProbeDeps {
  readonly containerizer: Pick<Containerizer, 'exec' | 'look'>
  readonly helpers: Helpers
  /** The agent's own address. */
  readonly hostIp: string
}

/** The looks of one check, one after the other. */
export interface Probe {
  /**
   * A look that finds nothing good is an answer too; undefined is none: it could not be made, for a reason that is not the container's. Throws the
   * signal's reason alone.
   */
  look (signal: AbortSignal): Promise<Finding | undefined>
  end (): void
}

type Connection = Exclude<Target, { kind: 'COMMAND' }>

/** Nothing is there; another way may lead to it. */
const nothingThere = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL'])

export function probeOf (container: Container, check: Check, deps: ProbeDeps): Probe {
  const { target, timeoutMs } = check
  const inside = insideProbe(check, deps.helpers)
  const lookOnce = target.kind === 'COMMAND' ? commandLook(container, target, deps) : connectionLook(container, target, { ...deps, inside })
  return {
    async look (signal) {
      using deadline = startDeadline(signal, timeoutMs, () => new AgentError('STAGE_TIMEOUT', `no answer within ${timeoutMs / 1000} s`))
      try {
        return await lookOnce(deadline.signal)
      } catch (error) {
        signal.throwIfAborted()
        if (error instanceof AgentError && error.code === 'ENGINE_DOWN') return undefined
        return { isGood: false, says: messageOf(error) }
      }
    },
    end: () => { inside.end() },
  }
}

function commandLook (container: Container, target: Target & { kind: 'COMMAND' }, { containerizer }: ProbeDeps): Probe['look'] {
  return async signal => {
    const exitCode = await containerizer.exec(container, target, signal)
    return { isGood: exitCode === 0, says: `the command exited with status ${exitCode}`, exitCode }
  }
}

/** The way that led there is the first to be tried from then on; one that took all the time there was is the last. */
function connectionLook (container: Container, target: Connection, deps: ProbeDeps & { inside: InsideProbe }): Probe['look'] {
  let first = 0
  return async signal => {
    if (container.inspected === undefined && container.spec.network !== 'host') await deps.containerizer.look(container, signal)
    const ways = waysTo(container, target.family, deps.hostIp) ?? []
    const causes: string[] = []
    for (const at of ways.keys()) {
      const turn = (first + at) % ways.length
      const found = await tryWay(ways[turn], container, target, { ...deps, causes, signal }).catch((error: unknown) => {
        first = signal.aborted ? turn + 1 : turn
        throw error
      })
      if (found === undefined) continue
      first = turn
      return found
    }
    return causes.length === 0 ? undefined : { isGood: false, says: causes.join('; ') }
  }
}

interface Try { readonly inside: InsideProbe, readonly causes: string[], readonly signal: AbortSignal }

async function tryWay (way: Way | undefined, { inspected }: Container, target: Connection, { inside, causes, signal }: Try): Promise<Finding | undefined> {
  if (way === undefined) return undefined
  try {
    if (way.isInside) return inspected && await inside.look(inspected, way.host, signal)
    return target.kind === 'TCP' ? await probeTcp(way.host, target.port, signal) : await probeHttp(way.host, target, signal)
  } catch (error) {
    if (signal.aborted || !nothingThere.has((error as NodeJS.ErrnoException).code ?? '')) throw error
    causes.push(messageOf(error))
    return undefined
  }
}
