import { AgentError, chain } from '../../model/errors.ts'
import { isAgentId } from '../../agent/work-dir.ts'
import type { internal } from '../../wire/messages.ts'
import type { Cluster } from './cluster.ts'
import { reconcile } from './reconcile.ts'
import { updateSlave } from './register-messages.ts'

/** A master has taken this agent in and given it an id, which it keeps. */
export async function onRegistered (cluster: Cluster, { slave_id: { value: agentId }, connection }: internal.SlaveRegisteredMessage): Promise<void> {
  const { identity, registration, log, onFatal } = cluster
  if (identity.givenId === undefined) {
    if (!isAgentId(agentId)) { log.error({ agentId }, 'the master has given an id that can be no folder\'s name; it is not taken'); return }
    registration.answered()
    try {
      await identity.become(agentId)
    } catch (error) {
      log.error({ agentId, error: chain(error) }, 'the id that the master has given cannot be written down; the agent asks again')
      registration.retry()
      return
    }
    cluster.metrics.registration('first')
    log.info({ agentId, master: cluster.link.name }, 'registered with a master')
  } else if (identity.givenId !== agentId) {
    onFatal(wrongId(identity.givenId, agentId), 'leave')
    return
  }
  welcome(cluster, agentId, connection)
}

/** It knows what there is here; what it believes in besides is answered. */
export function onReregistered (cluster: Cluster, message: internal.SlaveReregisteredMessage): void {
  const { identity, onFatal, log } = cluster
  const { slave_id: { value: agentId }, reconciliations = [], connection } = message
  if (identity.givenId !== agentId) { onFatal(wrongId(identity.givenId ?? 'none', agentId), 'leave'); return }
  if (!cluster.registration.isRegistered) {
    cluster.metrics.registration('again')
    log.info({ agentId, master: cluster.link.name }, 'registered with a master again')
  }
  welcome(cluster, agentId, connection)
  for (const one of reconciliations) reconcile(cluster, one)
}

function welcome (cluster: Cluster, agentId: string, connection: internal.MasterSlaveConnection | undefined): void {
  const { registration, link, agent, frameworks, resourceVersion } = cluster
  const isNews = !registration.isRegistered
  registration.succeeded(connection?.total_ping_timeout_seconds)
  if (!isNews) return
  link.send(updateSlave(agentId, resourceVersion))
  for (const id of frameworks.ids()) agent().resend(id)
}

function wrongId (ours: string, theirs: string): AgentError {
  return new AgentError('MASTER_REFUSED', `the master knows this agent as ${theirs}, and it is ${ours}: another work directory is used at this address`)
}
