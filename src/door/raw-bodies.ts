import type { FastifyInstance } from 'fastify'

/** Hands every body to its route as bytes, whatever its type: a route knows what it reads, and says what it expects. */
export function acceptRawBodies (app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => { done(null, body) })
}

/** The body of a request, empty when it had none. */
export function bodyOf (request: { body: unknown }): Buffer {
  return Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
}
