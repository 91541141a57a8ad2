import { fromResources } from './wire-resources.ts'
import { agentIdOf, type Solo } from './solo.ts'
import type { Framework } from './framework.ts'
import { none, type Quantities } from '../../model/resources.ts'
import type { scheduler, v1 } from '../../wire/messages.ts'

/** An executor's own resources are booked apart from those of its tasks; ids hold no control characters. */
export function executorKey (frameworkId: string, executorId: string): string {
  return `${frameworkId}\n\n${executorId}`
}

/** What a task's executor needs for itself: nothing where it runs already. */
export function ownResources ({ executors }: Framework, executor: v1.ExecutorInfo | undefined): Quantities {
  return executor === undefined || executors.has(executor.executor_id.value) ? none : fromResources(executor.resources ?? [])
}

/** Books what the executor holds, unless it is there. */
export function bookExecutor ({ ledger }: Solo, framework: Framework, executor: v1.ExecutorInfo | undefined): void {
  if (executor === undefined || framework.executors.has(executor.executor_id.value)) return
  ledger.use(executorKey(framework.id, executor.executor_id.value), ownResources(framework, executor))
  framework.executors.set(executor.executor_id.value, executor)
}

export function onExecutorReleased (solo: Solo, frameworkId: string, executorId: string): void {
  if (!solo.ledger.release(executorKey(frameworkId, executorId))) {
    solo.log.warn({ frameworkId, executorId }, 'an executor that holds nothing was released')
    return
  }
  solo.frameworks.get(frameworkId)?.executors.delete(executorId)
  solo.allocator.allocateSoon()
}

export function onExecutorEnded (solo: Solo, frameworkId: string, executorId: string, status: number): void {
  const failure = { agent_id: { value: agentIdOf(solo) }, executor_id: { value: executorId }, status }
  solo.frameworks.get(frameworkId)?.sink?.send({ type: 'FAILURE', failure })
}

/** Nobody there to hear it: it is lost, as with a Mesos master. */
export function onMessage (solo: Solo, frameworkId: string, executorId: string, data: Uint8Array): void {
  const message = { agent_id: { value: agentIdOf(solo) }, executor_id: { value: executorId }, data }
  solo.frameworks.get(frameworkId)?.sink?.send({ type: 'MESSAGE', message })
}

export function sendMessage (solo: Solo, framework: Framework, { message: call }: scheduler.Call): void {
  if (call === undefined) return
  const { agent_id: agentId, executor_id: executorId, data } = call
  if (isOurs(solo, agentId) && solo.agent().message(framework.id, executorId.value, data)) return
  solo.log.info({ frameworkId: framework.id, executorId: executorId.value }, 'a message to an executor that does not hear was dropped')
}

export function shutdownExecutor (solo: Solo, framework: Framework, { shutdown: call }: scheduler.Call): void {
  if (call === undefined) return
  const { agent_id: agentId, executor_id: executorId } = call
  if (isOurs(solo, agentId) && solo.agent().shutdownExecutor(framework.id, executorId.value)) return
  solo.log.info({ frameworkId: framework.id, executorId: executorId.value }, 'the shutdown of an executor that is not there was dropped')
}

function isOurs (solo: Solo, { value }: v1.AgentID): boolean {
  return value === agentIdOf(solo)
}
