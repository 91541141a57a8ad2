import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Container } from '../containerizer/container.ts'
import type { LogFile } from '../containerizer/sandbox.ts'
import { AgentError } from '../model/errors.ts'
import { beginsAt } from './log-parts.ts'
import { offsetOfLastLines, tail } from './log-tail.ts'
import { parseLogQuery } from './queries.ts'

/** One stream of a container's output as the request asks for it; the header says at which byte it begins. */
export async function sendLog (container: Container, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { stream, from, length, follow } = parseLogQuery(request.query)
  const files = container.logFiles
  if (files === undefined) throw new AgentError('NOT_FOUND', 'this container has no sandbox yet')
  const log = (): LogFile => (container.logFiles ?? files)[stream]
  const gone = new AbortController()
  reply.raw.once('close', () => { gone.abort() })
  let isComplete = false
  void container.piped.promise.then(() => { isComplete = true })
  const offset = 'tail' in from ? await offsetOfLastLines(log, from.tail) : Math.max(from.offset, beginsAt(log()))
  const bytes = tail(log, { offset, length, follow, isComplete: () => isComplete, signal: gone.signal })
  return await reply.header('slipway-log-offset', offset).type('application/octet-stream').send(Readable.from(bytes, { objectMode: false }))
}
