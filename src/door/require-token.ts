import bearerAuth from '@fastify/bearer-auth'
import type { FastifyInstance } from 'fastify'
import { isKnown, type Credential } from './credentials.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route lets in by a token, or a proof, of its own. */
    hasOwnToken?: boolean
    /** The route changes nothing, whatever its method. */
    onlyReads?: boolean
  }
}

export interface Admission {
  readonly token: string
  /** Routes, as they were registered, that need no token. */
  readonly openPaths: readonly string[]
  /** Those who come in by name and password. */
  readonly credentials?: readonly Credential[] | undefined
  /** What only looks on is open to everybody. */
  readonly isReadingOpen?: boolean | undefined
}

/**
 * Asks for `Authorization: Bearer <token>` wherever the route is not an open one: unknown paths and wrong methods too.
 * It goes by the route that will run, not by the text of the URL, which may be written in many ways.
 */
export async function requireToken (app: FastifyInstance, { token, openPaths, credentials = [], isReadingOpen = false }: Admission): Promise<void> {
  await app.register(bearerAuth, { keys: [token], addHook: false, specCompliance: 'rfc6749', verifyErrorLogLevel: 'debug' })
  app.addHook('onRequest', (request, reply, done) => {
    const { url = '', config } = request.routeOptions
    const isOpen = openPaths.includes(url) || config.hasOwnToken === true || (isReadingOpen && config.onlyReads === true)
    if (isOpen || isKnown(request.headers.authorization, credentials)) { done(); return }
    // A browser asks for a name and a password where it is told that they would do.
    if (credentials.length > 0) void reply.header('www-authenticate', 'Basic realm="slipway"')
    app.verifyBearerAuth?.(request, reply, done)
  })
}
