import type { FastifyInstance } from 'fastify'
import type { EventHub } from '../base/event-hub.ts'
import type { Log } from '../base/log.ts'
import { openEventStream, type EventStream } from '../door/event-stream.ts'
import type { AgentEvent } from '../model/agent-event.ts'
import { eventReport } from './event-report.ts'

export interface EventRouteDeps { readonly events: EventHub<AgentEvent>, readonly agentId: () => string, readonly log: Log, readonly heartbeatMs?: number }

/** A reader that leaves this much unread is cut off: it can come back, the agent cannot wait. */
const maxBufferedBytes = 1 << 20
const defaultHeartbeatMs = 15_000

/** What happens from now on, a line of JSON each, until either side ends. */
export function eventRoutes (app: FastifyInstance, { events, agentId, log, heartbeatMs = defaultHeartbeatMs }: EventRouteDeps): void {
  const streams = new Set<EventStream>()
  app.get('/slipway/v1/events', (_request, reply) => {
    const stream = openEventStream(reply, {
      headers: { 'content-type': 'application/x-ndjson' },
      maxBufferedBytes,
      onClosed ({ cutOff }) {
        streams.delete(stream)
        leave()
        clearInterval(heartbeat)
        if (cutOff) log.warn({}, 'a reader of events was too slow and has been cut off')
      },
    })
    const send = (report: object): void => { stream.send(`${JSON.stringify(report)}\n`) }
    const now = (): string => new Date().toISOString()
    const heartbeat = setInterval(() => { send({ type: 'heartbeat', time: now() }) }, heartbeatMs)
    const leave = events.listen(event => { send(eventReport(event)) })
    streams.add(stream)
    send({ type: 'subscribed', time: now(), agent_id: agentId() })
  })
  app.addHook('preClose', done => {
    for (const stream of streams) stream.close()
    done()
  })
}
