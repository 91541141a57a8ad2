import type { FastifyInstance } from 'fastify'
import { AgentError } from '../model/errors.ts'
import type { Config } from '../model/settings.ts'
import { mesosRoute, spellings } from './mesos-route.ts'

/** What tools ask a Mesos agent for now and then. */
export function smallRoutes (app: FastifyInstance, { logLevel }: Pick<Config, 'logLevel'>): void {
  // What Mesos's own containerizer is busy with: there is none here. What launches wait for is told by /slipway/v1/containers.
  mesosRoute(app, spellings('/containerizer/debug'), () => ({ pending: [] }))
  app.get('/logging/toggle', (request, reply) => {
    if (Object.keys(request.query as object).length > 0) {
      throw new AgentError('NOT_SUPPORTED', 'the level of the log is set where the agent is started, with --log-level')
    }
    return reply.type('text/plain; charset=utf-8').send(logLevel === 'debug' ? '1\n' : '0\n')
  })
}
