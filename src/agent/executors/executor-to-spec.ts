import { labels, type ContainerSpec, type Volume } from '../../model/container-spec.ts'
import { AgentError } from '../../model/errors.ts'
import type { v1 } from '../../wire/messages.ts'
import { invalid } from '../policy.ts'
import { taskToSpec, type SpecSettings } from '../task-to-spec.ts'
import { endpointFolder } from './endpoint-folder.ts'

export interface ExecutorSpecSettings extends SpecSettings {
  /** Holds the socket of the executors' door. */
  readonly socketFolder: string
}

export interface ExecutorWish {
  readonly info: v1.ExecutorInfo
  /** Its own, and those of the first task. */
  readonly resources: v1.Resource[]
  readonly frameworkId: string
  readonly containerId: string
}

/** ExecutorInfo → ContainerSpec: that of a task which is described alike. Pure. Throws as `taskToSpec` does, naming the field below `executor`. */
export function executorToSpec ({ info, resources, frameworkId, containerId }: ExecutorWish, settings: ExecutorSpecSettings): ContainerSpec {
  const { executor_id: { value: executorId }, container, command } = info
  const asTask: v1.TaskInfo = { name: executorId, task_id: { value: executorId }, agent_id: { value: '' }, container, command, resources }
  const spec = named(() => taskToSpec(asTask, frameworkId, containerId, settings))
  const { [labels.task]: _noTask, ...ownLabels } = spec.labels
  const reachable = spec.network === 'host' ? [] : [socketVolume(settings.socketFolder)]
  const inTheWay = spec.volumes?.find(({ containerPath }) => containerPath === endpointFolder)
  if (inTheWay !== undefined) throw invalid(`executor.${inTheWay.field}.container_path`, 'is where the executor finds the agent\'s socket')
  return { ...spec, labels: ownLabels, volumes: [...spec.volumes ?? [], ...reachable] }
}

/** The folder, not the socket: a restarted agent makes a new one in it. A read-only mount lets connections through. */
function socketVolume (socketFolder: string): Volume {
  return { kind: 'bind', hostPath: socketFolder, containerPath: endpointFolder, within: [socketFolder], readOnly: true, field: 'executor' }
}

function named (make: () => ContainerSpec): ContainerSpec {
  try {
    return make()
  } catch (cause) {
    const error = AgentError.from(cause)
    const field = error.detail['field']
    if (typeof field !== 'string') throw error
    const words = error.message.replace('task_id.value', 'executor_id.value')
    throw new AgentError(error.code, `executor.${words}`, { ...error.detail, field: `executor.${field.replace('task_id', 'executor_id')}` }, error.cause)
  }
}
