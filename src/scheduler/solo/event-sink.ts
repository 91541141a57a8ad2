import type { FastifyReply } from 'fastify'
import { openEventStream } from '../../door/event-stream.ts'
import { encodeRecord } from '../../wire/record-io.ts'
import { encodeEvent, type MediaType } from './codec.ts'
import { disconnected } from './membership.ts'
import type { EventSink } from './framework.ts'
import type { Solo } from './solo.ts'

/** A subscriber's response: events as RecordIO in its media type, a heartbeat now and then. Its end is told once, by `disconnected`. */
export function openSink (solo: Solo, reply: FastifyReply, mediaType: MediaType, streamId: string): EventSink {
  let isClosed = false
  const stream = openEventStream(reply, {
    headers: { 'mesos-stream-id': streamId, 'content-type': mediaType },
    maxBufferedBytes: solo.settings.maxBufferedBytes,
    onClosed: how => {
      clearInterval(heartbeat)
      isClosed = true
      if (how.cutOff) solo.log.warn({ streamId, ...how }, 'a subscriber that does not read was cut off')
      disconnected(solo, streamId)
    },
  })
  const sink: EventSink = {
    streamId,
    get isClosed () { return isClosed },
    send: event => { stream.send(encodeRecord(encodeEvent(mediaType, event))) },
    close: () => { clearInterval(heartbeat); stream.close() },
  }
  const heartbeat = setInterval(() => { sink.send({ type: 'HEARTBEAT' }) }, solo.settings.heartbeatMs)
  return sink
}
