import { AgentError, messageOf } from '../../src/model/errors.ts'

/** What a socket, a server, the file system or an archive brought; ask first whether your own signal ended it. */
export function translateFailure (error: unknown): AgentError {
  if (error instanceof AgentError) return error
  const isFull = ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '')
  return new AgentError(isFull ? 'DISK_FULL' : 'FETCH_FAILED', words(error))
}

/** A connection that was tried at several addresses fails with an error that says nothing but holds one for each. */
function words (error: unknown): string {
  return error instanceof AggregateError ? error.errors.map(words).join(', ') : messageOf(error)
}
