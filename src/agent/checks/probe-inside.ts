import { AgentError } from '../../model/errors.ts'
import type { Inspected } from '../../model/inspected.ts'
import type { Check, Finding, Target } from './check.ts'
import type { Helper } from './helper.ts'
import type { Helpers } from './helpers.ts'
import { hostHeader } from './probe-http.ts'

/** Looks of one check from within the container's network namespace, one after the other. */
export interface InsideProbe {
  /** undefined: it could not be made. Throws ECONNREFUSED when nothing listens, or the signal's reason. */
  look (inspected: Inspected, host: string, signal: AbortSignal): Promise<Finding | undefined>
  end (): void
}

export function insideProbe ({ target, intervalMs }: Check, helpers: Helpers): InsideProbe {
  let kept: Helper | undefined
  let isOver = false

  function drop (): void {
    if (kept === undefined) return
    kept.end()
    kept = undefined
    helpers.leave()
  }

  async function ask (inspected: Inspected, question: string, signal: AbortSignal): Promise<string> {
    if (kept?.isOver()) drop()
    const helper = kept ?? await helpers.start(inspected, signal)
    try {
      return await helper.ask(question, signal)
    } finally {
      if (kept === undefined && !isOver && !helper.isOver() && helpers.stay(intervalMs)) kept = helper
      if (kept !== helper) helper.end()
      if (helper.isOver()) drop()
    }
  }

  return {
    async look (inspected, host, signal) {
      try {
        return findingOf(await ask(inspected, questionOf(target, host), signal), target, host)
      } catch (error) {
        if (!(error instanceof AgentError) || error.code !== 'NOT_SUPPORTED') throw error
        signal.throwIfAborted()
        helpers.complain(error)
        return undefined
      }
    },
    end () {
      isOver = true
      drop()
    },
  }
}

function questionOf (target: Target, host: string): string {
  if (target.kind === 'HTTP' && target.scheme === 'http') return `${host} ${target.port} ${hostHeader(host)}:${target.port} ${target.path}`
  if (target.kind === 'TCP') return `${host} ${target.port}`
  throw new AgentError('NOT_SUPPORTED', 'only TCP and plain HTTP can be asked on a container\'s loopback')
}

function findingOf (answer: string, target: Target & { port?: number }, host: string): Finding {
  if (!answer.startsWith('connected')) throw refused(`connect ECONNREFUSED ${host}:${target.port} in the container`)
  if (target.kind === 'TCP') return { isGood: true, says: 'it accepts connections' }
  const statusCode = Number(/^connected HTTP\/\d\.\d (\d{3})\b/.exec(answer)?.[1])
  if (Number.isNaN(statusCode)) return { isGood: false, says: `${host}:${target.port} in the container did not answer in HTTP` }
  return { isGood: statusCode >= 200 && statusCode < 400, says: `it answered with status ${statusCode}`, statusCode }
}

function refused (message: string): Error {
  return Object.assign(new Error(message), { code: 'ECONNREFUSED' })
}
