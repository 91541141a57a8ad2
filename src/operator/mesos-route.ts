import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

type Answer = (request: FastifyRequest) => unknown

/** A path of a Mesos agent with its other spellings: the `.json` form of old, the agent's process id in front, a slash at the end. */
export function spellings (path: string, prefixes: readonly string[] = ['', '/slave(1)']): string[] {
  return prefixes.flatMap(prefix => ['', '.json', '/'].map(end => `${prefix}${path}${end}`))
}

/** Answers JSON, or a script that calls the function of `?jsonp=`, at all spellings; POST and HEAD do as GET does, as in Mesos. */
export function mesosRoute (app: FastifyInstance, urls: readonly string[], answer: Answer): void {
  for (const url of urls) {
    app.route({
      method: ['GET', 'HEAD', 'POST'], url, exposeHeadRoute: false, config: { onlyReads: true },
      handler: async (request, reply) => sendJson(request, reply, await answer(request)),
    })
  }
}

/** What is JSON already comes as bytes, which need not be UTF-8. */
function sendJson (request: FastifyRequest, reply: FastifyReply, answer: unknown): FastifyReply {
  const { jsonp } = request.query as { jsonp?: unknown }
  const json = Buffer.isBuffer(answer) ? answer : Buffer.from(JSON.stringify(answer))
  if (jsonp === undefined) return reply.type('application/json').send(json)
  if (!isFunctionName(jsonp)) return reply.code(400).type('text/plain; charset=utf-8').send('jsonp must be the name of a function.\n')
  void reply.type('text/javascript').header('x-content-type-options', 'nosniff')
  return reply.send(Buffer.concat([Buffer.from(`${jsonp}(`), json, Buffer.from(')')]))
}

/** No more than a name: whoever follows a link is not to run what stands in it. */
function isFunctionName (text: unknown): text is string {
  return typeof text === 'string' && /^[\w$]+(\.[\w$]+)*$/.test(text) && text.length <= 100
}
