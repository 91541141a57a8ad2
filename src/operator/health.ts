import type { FastifyInstance } from 'fastify'
import { mesosVersion, version } from '../model/version.ts'

/** These answer without a token, and say nothing that a stranger should not know. */
export const openPaths = ['/health', '/slave(1)/health', '/metrics', '/version'] as const

export interface Health { isServing (): boolean, isEngineUp (): boolean }

/** 200 once the agent serves, engine or no engine: an agent whose engine is down is not down. */
export function healthRoutes (app: FastifyInstance, health: Health): void {
  for (const url of ['/health', '/slave(1)/health']) {
    app.get(url, (_request, reply) => reply.code(health.isServing() ? 200 : 503).send({
      status: health.isServing() ? 'serving' : 'starting',
      engine: health.isEngineUp() ? 'up' : 'down',
    }))
  }
  app.get('/version', (_request, reply) => reply.send({ version, mesos_version: mesosVersion, name: 'slipway' }))
}
