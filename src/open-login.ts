import type { FastifyInstance } from 'fastify'
import type { Leader } from './detection/detector.ts'
import { messageRoutes } from './door/libprocess/message-routes.ts'
import type { Upid } from './door/libprocess/upid.ts'
import { readCredential } from './model/credential.ts'
import { AgentError } from './model/errors.ts'
import type { Config } from './model/settings.ts'
import { createMasterLogin } from './scheduler/mesos/login/master-login.ts'

export interface Login {
  /** What comes before a registration. */
  prepare (leader: Leader): Promise<void>
  routes (app: FastifyInstance): void
  close (): void
}

export interface LoginDeps {
  readonly config: Config
  readonly agent: () => Upid
  /** A master that refuses us will do so again. */
  readonly onRefused: (cause: AgentError) => void
}

/** The login that --credential asks for; undefined without one. Throws SETTING_INVALID where the file is none. */
export function openLogin ({ config, agent, onRefused }: LoginDeps): Login | undefined {
  if (config.credential === undefined) return undefined
  const login = createMasterLogin({
    credential: readCredential(config.credential), agent,
    patience: { minMs: config.authenticationTimeoutMin, growMs: config.authenticationBackoffFactor, maxMs: config.authenticationTimeoutMax },
  })
  return {
    async prepare (leader) {
      try {
        await login.login(leader)
      } catch (error) {
        if (error instanceof AgentError && error.code === 'LOGIN_REFUSED') onRefused(error)
        throw error
      }
    },
    routes (app) {
      // Who speaks is looked at with each message: only the master that is being asked is heard.
      messageRoutes<true>(app, { process: login.process, names: login.names, admit: () => true, take: login.hear, maxBodyBytes: 64 * 1024 })
    },
    close: login.close,
  }
}
