import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Log } from '../base/log.ts'
import { AgentError, chain, errorCodes, type ErrorCode } from '../model/errors.ts'

/** What is not here is 500. */
const statuses: Partial<Record<ErrorCode, number>> = {
  AMBIGUOUS: 409,
  CANCELLED: 503,
  DENIED: 403,
  ENGINE_DOWN: 503,
  ENGINE_REFUSED: 502,
  LOCKED: 409,
  NOT_FOUND: 404,
  NOT_SUPPORTED: 501,
  QUEUE_FULL: 503,
  SETTING_INVALID: 400,
  SPEC_INVALID: 400,
  STAGE_TIMEOUT: 504,
  UNAUTHORIZED: 401,
  UPDATE_REFUSED: 409,
  WORKER_DIED: 503,
}

interface Answer { status: number, code: ErrorCode, text: string }

/** Errors and unknown paths as one line of text; a 500 tells its chain of messages to the log alone. */
export function answerErrors (app: FastifyInstance, log: Log): void {
  app.setErrorHandler((error, request, reply) => {
    const { status, text } = answerFor(error)
    if (status === 500) log.error({ method: request.method, path: request.routeOptions.url, err: chain(error) }, 'a request failed')
    return prepare(reply, status).type('text/plain; charset=utf-8').send(text)
  })
  app.setNotFoundHandler((request, reply) => {
    return reply.code(404).type('text/plain; charset=utf-8').send(`404 Not Found. There is no ${request.method} ${pathOf(request.url)}`)
  })
}

/** What never reaches a route, and so none of its hooks: a URL that cannot be decoded. Nothing of it is told. */
export function answerUnroutable (reply: FastifyReply): void {
  void reply.code(400).type('text/plain; charset=utf-8').send('400 Bad Request. The URL cannot be understood.')
}

/** For a scope of routes that answer JSON: errors as `{ error: { code, message, hint } }`. */
export function answerErrorsAsJson (scope: FastifyInstance, log: Log): void {
  scope.setErrorHandler((error, request, reply) => {
    const { status, code, text } = answerFor(error)
    if (status === 500) log.error({ method: request.method, path: request.routeOptions.url, err: chain(error) }, 'a request failed')
    // A stream that fails before its first byte has named its own type already.
    return prepare(reply, status).type('application/json; charset=utf-8').send({ error: { code, message: text, hint: errorCodes[code].help } })
  })
}

function answerFor (error: unknown): Answer {
  if (error instanceof AgentError) {
    const status = statuses[error.code] ?? 500
    return { status, code: error.code, text: status === 500 ? errorCodes.INTERNAL.help : chain(error) }
  }
  const status = statusOf(error)
  if (status === 401) return { status, code: 'UNAUTHORIZED', text: `401 Unauthorized. ${errorCodes.UNAUTHORIZED.help}` }
  if (status < 500) return { status, code: 'SPEC_INVALID', text: chain(error) }
  return { status: 500, code: 'INTERNAL', text: errorCodes.INTERNAL.help }
}

/** Fastify's own errors, a body that is too large for one, carry their status. */
function statusOf (error: unknown): number {
  const status = error instanceof Error ? (error as { statusCode?: unknown }).statusCode : undefined
  return typeof status === 'number' && status >= 400 ? status : 500
}

function prepare (reply: FastifyReply, status: number): FastifyReply {
  if (status === 401 && !reply.hasHeader('www-authenticate')) void reply.header('www-authenticate', 'Bearer realm="slipway"')
  return reply.code(status)
}

function pathOf (url: string): string {
  return (url.split('?', 1)[0] ?? '').slice(0, 200)
}
