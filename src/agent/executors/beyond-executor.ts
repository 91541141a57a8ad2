import { AgentError } from '../../model/errors.ts'
import { isPersistent } from '../reserved/resource-kinds.ts'
import type { v1 } from '../../wire/messages.ts'

type Asked = readonly [field: string, isAsked: (task: v1.TaskInfo) => boolean, why: string]

/** What the one container of an executor cannot give to one of its tasks. */
const beyond: readonly Asked[] = [
  ['limits', ({ limits = {} }) => Object.keys(limits).length > 0, 'the container is that of all its tasks'],
  ['resources: gpus', ({ resources = [] }) => resources.some(({ name, scalar }) => name === 'gpus' && (scalar?.value ?? 0) > 0),
    'the container has those of executor.resources, from its start to its end'],
  ['resources: persistent volumes', ({ resources = [] }) => resources.some(isPersistent), 'the container has those of executor.resources'],
]

/** Throws NOT_SUPPORTED, naming the field. */
export function refuseBeyondExecutor (task: v1.TaskInfo): void {
  const [field, , why] = beyond.find(([, isAsked]) => isAsked(task)) ?? []
  if (field !== undefined) throw new AgentError('NOT_SUPPORTED', `${field} of a task that has an executor is not supported: ${why}`, { field })
}
