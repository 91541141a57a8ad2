import { AgentError, type ErrorDetail } from '../../src/model/errors.ts'

/** Statuses of a server that may have recovered in a moment. */
const passingStatuses = new Set([408, 425, 429, 500, 502, 503, 504])
/** Of sockets, name servers and undici. A name that does not exist, a certificate that is wrong will be so the next time. */
const passingCodes = new Set([
  'ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'ENETUNREACH', 'EHOSTUNREACH', 'ENETDOWN', 'EHOSTDOWN', 'EAI_AGAIN',
  'ETIMEOUT', 'ESERVFAIL', 'EREFUSED', 'UND_ERR_SOCKET', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT',
])

/** A failure that may not be one the next time. `isStale`: what there is of the file already belongs to another version of it. */
export function passing (message: string, detail: ErrorDetail & { readonly isStale?: true } = {}): AgentError {
  return new AgentError('FETCH_FAILED', message, { ...detail, isPassing: true })
}

/** Whether the same may go better a moment later. */
export function isPassing (error: unknown): boolean {
  if (error instanceof AgentError) return error.detail['isPassing'] === true || passingStatuses.has(Number(error.detail['status']))
  if (error instanceof AggregateError) return error.errors.every(isPassing)
  return error instanceof Error && (passingCodes.has((error as NodeJS.ErrnoException).code ?? '') || isPassing(error.cause))
}
