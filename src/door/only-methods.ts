import type { FastifyContextConfig, FastifyInstance } from 'fastify'

const known = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/** Answers every other method at this path with 405, naming those that it has. */
export function onlyMethods (app: FastifyInstance, url: string, methods: readonly string[], config: FastifyContextConfig = {}): void {
  const names = methods.map(method => `'${method}'`).join(', ')
  app.route({
    method: known.filter(method => !methods.includes(method)),
    url,
    config,
    exposeHeadRoute: false,
    // Before the body is read: it is not wanted.
    onRequest: (request, reply) => {
      void reply.code(405).header('allow', methods.join(', ')).type('text/plain; charset=utf-8')
        .send(`405 Method Not Allowed. Expecting one of { ${names} }, but received '${request.method}'.`)
    },
    handler: () => undefined,
  })
}
