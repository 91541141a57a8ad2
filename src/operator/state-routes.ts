import type { FastifyInstance } from 'fastify'
import { mesosRoute, spellings } from './mesos-route.ts'
import { agentState, type AgentStateSource } from './state/agent-state.ts'
import { flagTexts } from './state/flags.ts'

/** /state and /flags as a Mesos agent answers them. */
export function stateRoutes (app: FastifyInstance, source: AgentStateSource): void {
  mesosRoute(app, spellings('/state'), () => agentState(source))
  mesosRoute(app, spellings('/flags'), () => ({ flags: flagTexts(source.config) }))
}
