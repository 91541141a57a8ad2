import type { FastifyInstance } from 'fastify'
import type { EngineCondition } from '../model/engine-condition.ts'
import type { AgentError } from '../model/errors.ts'
import { mesosVersion, version } from '../model/version.ts'

/** These answer without a token, and say nothing that a stranger should not know. */
export const openPaths = ['/health', '/slave(1)/health', '/metrics', '/version'] as const

export interface EngineHealth { readonly condition: EngineCondition, readonly isDiskFull: boolean, readonly stuckContainers: number }
export interface Health {
  isServing (): boolean
  engine (): EngineHealth
  /** Why nothing can be written down: then no task is taken. */
  checkpointFault (): AgentError | undefined
}

/** 200 once the agent has recovered, engine or no engine: an agent whose engine is down is not down, nor is one whose disk is full. */
export function healthRoutes (app: FastifyInstance, health: Health): void {
  for (const url of ['/health', '/slave(1)/health']) {
    app.get(url, (_request, reply) => {
      const { condition, isDiskFull, stuckContainers } = health.engine()
      return reply.code(health.isServing() ? 200 : 503).send({
        status: health.isServing() ? 'serving' : 'recovering',
        engine: condition,
        engine_disk: isDiskFull ? 'full' : 'ok',
        stuck_containers: stuckContainers,
        checkpoint: health.checkpointFault()?.code ?? 'ok',
      })
    })
  }
  app.get('/version', (_request, reply) => reply.send({ version, mesos_version: mesosVersion, name: 'slipway' }))
}
