import bearerAuth from '@fastify/bearer-auth'
import type { FastifyInstance } from 'fastify'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route asks for a token of its own. */
    hasOwnToken?: boolean
  }
}

/**
 * Asks for `Authorization: Bearer <token>` wherever the route is not an open one: unknown paths and wrong methods too.
 * It goes by the route that will run, not by the text of the URL, which may be written in many ways.
 */
export async function requireToken (app: FastifyInstance, token: string, openPaths: readonly string[]): Promise<void> {
  await app.register(bearerAuth, { keys: [token], addHook: false, specCompliance: 'rfc6749', verifyErrorLogLevel: 'debug' })
  app.addHook('onRequest', (request, reply, done) => {
    const { url = '', config } = request.routeOptions
    if (openPaths.includes(url) || config.hasOwnToken === true) done()
    else app.verifyBearerAuth?.(request, reply, done)
  })
}
