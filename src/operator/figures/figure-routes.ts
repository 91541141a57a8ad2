import type { FastifyInstance } from 'fastify'
import { AgentError } from '../../model/errors.ts'
import { mesosRoute, spellings } from '../mesos-route.ts'
import { hostStats } from './host-figures.ts'
import type { Figures } from './mesos-figures.ts'

/** /metrics/snapshot and /system/stats.json of Mesos. */
export function figureRoutes (app: FastifyInstance, readFigures: () => Promise<Figures>): void {
  mesosRoute(app, spellings('/metrics/snapshot', ['']), async ({ query }) => {
    checkTimeout((query as { timeout?: string | string[] }).timeout)
    return await readFigures()
  })
  mesosRoute(app, spellings('/system/stats', ['']), () => hostStats())
}

/** Everything here is told at once: the time that a client would wait has only to be one. Its faults in Mesos's words. */
function checkTimeout (timeout: string | string[] | undefined): void {
  if (timeout === undefined) return
  const text = String(timeout).slice(0, 100)
  const [, amount = '', unit = ''] = /^([\d.-]*)(.*)$/s.exec(text) ?? []
  const fault = amount === '' || !Number.isFinite(Number(amount)) ? `Failed to convert '${amount}' to number`
    : units.includes(unit) ? undefined : `Unknown duration unit '${unit}'`
  if (fault !== undefined) throw new AgentError('SPEC_INVALID', `Invalid timeout '${text}': ${fault}.\n`)
}

const units = ['ns', 'us', 'ms', 'secs', 'mins', 'hrs', 'days', 'weeks']
