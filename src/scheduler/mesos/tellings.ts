import type { TaskListener } from '../../agent/port.ts'
import { AgentError } from '../../model/errors.ts'
import type { Message } from '../../door/libprocess/frame.ts'
import type { internal, v1 } from '../../wire/messages.ts'
import { agentIdOf, type Cluster } from './cluster.ts'
import { message } from './messages.ts'
import { taskKey } from './register-messages.ts'
import { statusUpdate } from './status-message.ts'

/** What this agent tells its master. What it cannot tell now is told after the next registration: updates are repeated, the rest shows in the list of tasks. */
export class Tellings implements TaskListener {
  readonly #cluster: Cluster

  constructor (cluster: Cluster) { this.#cluster = cluster }

  update (frameworkId: string, status: v1.TaskStatus): void {
    const { link, self, known, registration, told } = this.#cluster
    const { task_id: { value: taskId }, state, uuid } = status
    if (registration.hasSucceeded) told.set(taskKey(frameworkId, taskId), { state, uuid })
    if (!registration.isRegistered) return
    link.send(statusUpdate(frameworkId, status, { latest: known().stateOf(frameworkId, taskId), self: self() }))
  }

  /** The master keeps the accounts, and knows of no task that grows. */
  resize (frameworkId: string, taskId: string, resources: readonly v1.Resource[]): void {
    const held = this.#cluster.known().all().tasks.find(({ framework_id: framework, task_id: id }) => framework.value === frameworkId && id.value === taskId)
    const grown = resources.find(resource => amountOf(resources, resource.name) > amountOf(held?.resources ?? [], resource.name))
    if (grown !== undefined) throw new AgentError('UPDATE_REFUSED', `${grown.name} cannot grow: the Mesos master keeps the accounts of this host`)
  }

  released (frameworkId: string, taskId: string): void {
    setImmediate(() => { forgetTask(this.#cluster, frameworkId, taskId) })       // it is still in the book
  }

  message (frameworkId: string, executorId: string, data: Uint8Array): void {
    this.#say(message('internal.ExecutorToFrameworkMessage', { ...this.#ids(frameworkId, executorId), data }))
  }

  executorEnded (frameworkId: string, executorId: string, status: number): void {
    this.#say(message('internal.ExitedExecutorMessage', { ...this.#ids(frameworkId, executorId), status }))
  }

  executorReleased (frameworkId: string): void {
    setImmediate(() => { this.#cluster.frameworks.forgetIfIdle(frameworkId) })
  }

  #ids (frameworkId: string, executorId: string): Pick<internal.ExitedExecutorMessage, 'slave_id' | 'framework_id' | 'executor_id'> {
    return { slave_id: agentIdOf(this.#cluster), framework_id: { value: frameworkId }, executor_id: { value: executorId } }
  }

  #say (what: Message): void {
    const { link, registration } = this.#cluster
    if (registration.isRegistered) link.send(what)
  }
}

/** Once a task is over and its end has been heard of, nothing is left of it here; nor of its framework, if it was the last. */
export function forgetTask ({ frameworks, known, told }: Cluster, frameworkId: string, taskId: string): void {
  if (known().stateOf(frameworkId, taskId) === undefined) told.delete(taskKey(frameworkId, taskId))
  frameworks.forgetIfIdle(frameworkId)
}

function amountOf (resources: readonly v1.Resource[], name: string): number {
  return resources.filter(resource => resource.name === name).reduce((sum, { scalar }) => sum + (scalar?.value ?? 0), 0)
}
