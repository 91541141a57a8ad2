import type { v1 } from '../wire/messages.ts'

export interface AgentIdentity { readonly agentId: string, readonly ip: string }

/** Who tells of tasks. Read when it is needed: an agent of a cluster has its id only once a master has given it. */
export function agentIdentity (agentInfo: v1.AgentInfo, ip: string): AgentIdentity {
  return { ip, get agentId () { return agentInfo.id?.value ?? '' } }
}
