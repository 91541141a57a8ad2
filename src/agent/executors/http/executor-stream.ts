import type { FastifyReply } from 'fastify'
import type { Log } from '../../../base/log.ts'
import { openEventStream } from '../../../door/event-stream.ts'
import { encodeBody, type MediaType } from '../../../wire/media-type.ts'
import { encodeRecord } from '../../../wire/record-io.ts'
import type { ExecutorLink } from '../executor-port.ts'

const heartbeatMs = 30 * 60_000

/** An executor's open response: events as RecordIO in its media type, a heartbeat now and then. */
export function openExecutorStream (reply: FastifyReply, mediaType: MediaType, log: Log, onClosed: () => void): ExecutorLink {
  const stream = openEventStream(reply, {
    headers: { 'content-type': mediaType },
    onClosed: how => {
      clearInterval(heartbeat)
      if (how.cutOff) log.warn({ ...how }, 'an executor that does not read was cut off')
      onClosed()
    },
  })
  const link: ExecutorLink = {
    send: event => { stream.send(encodeRecord(encodeBody('executor.Event', mediaType, event))) },
    close: () => { clearInterval(heartbeat); stream.close() },
  }
  const heartbeat = setInterval(() => { link.send({ type: 'HEARTBEAT' }) }, heartbeatMs)
  return link
}
