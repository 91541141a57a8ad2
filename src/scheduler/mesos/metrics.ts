import { Counter, Gauge, type Registry } from 'prom-client'

export type MesosMetrics = ReturnType<typeof mesosMetrics>

const outcomes = ['taken', 'ignored', 'malformed'] as const

/** Of the link to a Mesos master. */
export function mesosMetrics (registry: Registry) {
  const registers = [registry]
  const messages = new Counter({
    name: 'slipway_master_messages_total', help: 'Messages that came to be a master\'s, by what became of them.', labelNames: ['outcome'], registers,
  })
  for (const outcome of outcomes) messages.inc({ outcome }, 0)
  const registrations = new Counter({
    name: 'slipway_master_registrations_total', help: 'How often a master has taken this agent in.', labelNames: ['kind'], registers,
  })
  for (const kind of ['first', 'again'] as const) registrations.inc({ kind }, 0)
  return {
    registered: new Gauge({ name: 'slipway_master_registered', help: '1 while a Mesos master has this agent.', registers }),
    message (outcome: typeof outcomes[number]): void { messages.inc({ outcome }) },
    registration (kind: 'first' | 'again'): void { registrations.inc({ kind }) },
    linksLost: new Counter({ name: 'slipway_master_links_lost_total', help: 'Connections to a master that have ended.', registers }),
  }
}
