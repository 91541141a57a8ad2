import { randomUUID } from 'node:crypto'
import { Turn } from '../../base/turn.ts'
import { add, none, subtract, type Quantities } from '../../model/resources.ts'
import { refuseMs } from './allocation.ts'
import { bookExecutor, ownResources } from './executors.ts'
import { taskKey, type Framework } from './framework.ts'
import { operationFault, refuseOperation } from './operations.ts'
import { agentIdOf, type Solo } from './solo.ts'
import { taskFault } from './task-validation.ts'
import { lostState, tellByMaster } from './updates.ts'
import { fromResources } from './wire-resources.ts'
import type { scheduler, v1 } from '../../wire/messages.ts'

/** What an ACCEPT may still spend, and for which role it was offered. */
interface Pool { resources: Quantities, readonly role: string }

/** Spends offers on operations, in their order; what is left is free again and refused for a while. Many tasks take more than one turn of the event loop. */
export async function accept (solo: Solo, framework: Framework, { accept: call }: scheduler.Call): Promise<void> {
  if (call === undefined) return
  const offerIds = (call.offer_ids ?? []).map(({ value }) => value)
  const operations = call.operations ?? []
  const fault = offersFault(solo, framework, offerIds)
  const pool = takeOffers(solo, framework, offerIds)
  const turn = new Turn()
  for (const operation of operations) {
    if (fault !== undefined) dropTasks(solo, framework, operation, fault)
    for (const task of fault === undefined ? tasksOf(solo, framework, operation) : []) {
      if (turn.isOver()) await letOthers(solo, pool, turn)
      // It may have been removed meanwhile, and its tasks with it.
      if (solo.frameworks.get(framework.id) === framework) launchTask(solo, framework, task, pool)
    }
  }
  solo.allocator.refuse(framework, pool.role, pool.resources, refuseMs(call.filters?.refuse_seconds))
  solo.allocator.allocate()
}

export function decline (solo: Solo, framework: Framework, { decline: call }: scheduler.Call): void {
  if (call === undefined) return
  const offerIds = (call.offer_ids ?? []).map(({ value }) => value)
  const { resources, role } = takeOffers(solo, framework, offerIds)
  solo.allocator.refuse(framework, role, resources, refuseMs(call.filters?.refuse_seconds))
  solo.allocator.allocate()
}

function offersFault ({ ledger }: Solo, framework: Framework, offerIds: readonly string[]): string | undefined {
  const roles = new Set<string>()
  const seen = new Set<string>()
  for (const id of offerIds) {
    const offer = ledger.offers.get(id)
    // Another framework's offer is none of its business: the same answer.
    if (offer?.frameworkId !== framework.id) return `Offer ${id} is no longer valid`
    if (seen.has(id)) return `Duplicate offer ${id} in offer list`
    seen.add(id)
    roles.add(offer.role)
  }
  if (seen.size === 0) return 'No offers specified'
  if (roles.size <= 1) return undefined
  return `Aggregated offers must be allocated to the same role. Offers are allocated to roles ${[...roles].join(', ')}`
}

/** Ends those of these offers that are the framework's: also when the others are not valid, they are answered. */
function takeOffers ({ ledger }: Solo, framework: Framework, offerIds: readonly string[]): Pool {
  let resources = none
  let role = '*'
  for (const id of offerIds) {
    if (ledger.offers.get(id)?.frameworkId !== framework.id) continue
    const offer = ledger.withdraw(id)
    if (offer === undefined) continue
    resources = add(resources, offer.resources)
    role = offer.role
  }
  return { resources, role }
}

/** What an operation launches, unless it is refused. */
function tasksOf (solo: Solo, framework: Framework, operation: v1.Offer_Operation): readonly v1.TaskInfo[] {
  const fault = operationFault(operation)
  if (fault === undefined) return operation.launch?.task_infos ?? []
  refuseOperation(solo, framework, operation, fault)
  return []
}

/** What is not spent yet is offered to nobody meanwhile. */
async function letOthers ({ ledger }: Solo, pool: Pool, turn: Turn): Promise<void> {
  const key = `accept\n${randomUUID()}`
  ledger.use(key, pool.resources)
  await turn.next()
  ledger.release(key)
}

function launchTask (solo: Solo, framework: Framework, task: v1.TaskInfo, pool: Pool): void {
  const agentId = agentIdOf(solo)
  const taskId = task.task_id.value
  const message = taskFault(task, { framework, agentId, offered: pool.resources, role: pool.role })
  if (message !== undefined) {
    tellByMaster(framework, taskId, task.agent_id.value, { state: 'TASK_ERROR', reason: 'REASON_TASK_INVALID', message })
    return
  }
  const resources = fromResources(task.resources ?? [])
  pool.resources = subtract(pool.resources, add(resources, ownResources(framework, task.executor)))
  bookExecutor(solo, framework, task.executor)
  solo.ledger.use(taskKey(framework.id, taskId), resources)
  const latest: v1.TaskStatus = { task_id: { value: taskId }, state: 'TASK_STAGING' }
  framework.tasks.set(taskId, { id: taskId, latest, terminalUuid: undefined, acknowledged: false, released: false })
  const { executor } = task
  solo.agent().launch({
    ...task, resources: allocated(task.resources, pool.role),
    ...(executor && { executor: { ...executor, framework_id: { value: framework.id }, resources: allocated(executor.resources, pool.role) } }),
  }, framework.info)
}

function allocated (resources: v1.Resource[] | undefined, role: string): v1.Resource[] | undefined {
  return resources?.map(resource => ({ ...resource, allocation_info: resource.allocation_info ?? { role } }))
}

function dropTasks (solo: Solo, framework: Framework, operation: v1.Offer_Operation, fault: string): void {
  const tasks = operation.launch?.task_infos ?? operation.launch_group?.task_group.tasks ?? []
  for (const task of tasks) {
    tellByMaster(framework, task.task_id.value, task.agent_id.value, {
      state: lostState(framework, 'TASK_DROPPED'),
      reason: 'REASON_INVALID_OFFERS',
      message: `Task launched with invalid offers: ${fault}`,
    })
  }
  if (tasks.length === 0) refuseOperation(solo, framework, operation, `Operation attempted with invalid offers: ${fault}`)
}
