import type { WorkDir } from './agent/work-dir.ts'
import { bootId } from './base/boot-clock.ts'
import type { Log } from './base/log.ts'
import { AgentError } from './model/errors.ts'
import { put } from './store/checkpoint.ts'
import type { AgentRecord } from './store/records.ts'
import type { OpenCheckpoint } from './store/open-checkpoint.ts'

/** Makes sure that the checkpoint is that of this work directory's agent, and says what it begins with. */
export function claimCheckpoint (checkpoint: OpenCheckpoint, { agentId, instanceId, path }: WorkDir, log: Log): void {
  const { agent, container, task, update, framework } = checkpoint.snapshot
  const before = agent.get('self')
  if (before !== undefined && !isSame(before, { agentId, instanceId })) {
    const told = `the checkpoint in ${path} was written by agent ${before.agentId}, and agent.json there is that of ${agentId}`
    throw new AgentError('SETTING_INVALID', `${told}; put the right agent.json back, or remove the folder checkpoint`, { path })
  }
  if (before !== undefined) {
    const counts = { containers: container.size, tasks: task.size, updates: update.size, frameworks: framework.size }
    log.info({ ...counts, rebooted: before.bootId !== bootId() }, 'recovering what an earlier run of the agent left')
  }
  checkpoint.commit(put('agent', 'self', { ...before, agentId, instanceId, bootId: bootId() })).catch(() => {})
}

/** The id may have changed with the agent's master; the instance never does. */
function isSame (before: AgentRecord, { agentId, instanceId }: { agentId: string, instanceId: string }): boolean {
  return before.instanceId === undefined ? before.agentId === agentId : before.instanceId === instanceId
}

/** Tasks stay with the master that they came from: an agent that joins a cluster, or leaves it, has none. */
export async function claimMode ({ snapshot }: OpenCheckpoint, workDir: WorkDir, isCluster: boolean): Promise<void> {
  if (isCluster === workDir.hasGivenId) return
  const { task, executor, update } = snapshot
  const left = task.size + executor.size + update.size
  if (left === 0) {
    if (!isCluster) await workDir.become(undefined)
    return
  }
  const told = isCluster ? 'holds tasks of an agent without a master' : `holds tasks of agent ${workDir.agentId} of a Mesos cluster, and there is no --master`
  const advice = 'end them first, with SIGUSR1 or --recover cleanup, or use another --work-dir'
  throw new AgentError('SETTING_INVALID', `the work directory ${workDir.path} ${told}; ${advice}`)
}
