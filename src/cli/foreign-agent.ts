import type { v1 } from '../wire/messages.ts'
import type { Server } from './server.ts'
import type { Sandbox } from './task-output.ts'

/** The agent that an offer is of, where it is another program than the master: of a Mesos cluster then. */
export function foreignAgent ({ url, hostname }: v1.Offer, master: v1.MasterInfo | undefined, { credential }: Server): Server | undefined {
  if (url === undefined || isSame(url.address, master?.address)) return undefined
  const { scheme, address } = url
  const host = scheme === 'https' ? address.hostname ?? hostname : address.ip ?? address.hostname ?? hostname
  return { url: `${scheme}://${host.includes(':') ? `[${host}]` : host}:${address.port}`, token: undefined, ...credential && { credential } }
}

/** A master that is its own agent is one of ours, on its own host. */
function isSame (agent: v1.Address, master: v1.Address | undefined): boolean {
  return agent.port === master?.port && agent.ip === master.ip
}

/** A task without an executor of its own has one of its name; this path Mesos knows from 1.5 on. */
export function sandboxOf (agent: Server, frameworkId: string, { value: taskId }: v1.TaskID): Sandbox {
  return { agent, path: `/frameworks/${frameworkId}/executors/${taskId}/runs/latest` }
}
