import { AgentError } from '../model/errors.ts'
import type { ContainerReport } from './container-report.ts'
import { isOver } from './container-report.ts'
import { call } from './http-client.ts'
import type { Server } from './server.ts'

const path = '/slipway/v1/containers'

/** All containers that the agent knows, the oldest first. */
export function listContainers (server: Server, signal?: AbortSignal): Promise<ContainerReport[]> {
  return list(server, path, signal)
}

async function list (server: Server, from: string, signal: AbortSignal | undefined): Promise<ContainerReport[]> {
  const { containers } = await call(server, { method: 'GET', path: from }, signal) as { containers?: ContainerReport[] }
  if (!Array.isArray(containers)) throw new AgentError('AGENT_UNREACHABLE', `${server.url} does not speak as a Slipway agent does`)
  return containers
}

export interface TaskOf { readonly server: Server, readonly taskId: string, readonly frameworkId: string }

/** The newest container of a task; undefined while there is none. */
export async function newestOf ({ server, taskId, frameworkId }: TaskOf, signal: AbortSignal): Promise<ContainerReport | undefined> {
  const query = new URLSearchParams({ task: taskId, framework: frameworkId })
  const found = await list(server, `${path}?${query.toString()}`, signal)
  return found.filter(({ task_id, framework_id }) => task_id === taskId && framework_id === frameworkId).at(-1)
}

export interface Wanted {
  /** Id or name of a task, or id, name or beginning of the id of a container. */
  readonly task: string
  readonly framework?: string | undefined
}

/** The container that is meant. Of several runs of one task the newest is. Throws NOT_FOUND, or AMBIGUOUS where several tasks have that name. */
export async function findContainer (server: Server, { task, framework }: Wanted): Promise<ContainerReport> {
  const known = (await listContainers(server)).filter(({ framework_id: id }) => framework === undefined || id === framework)
  for (const isMeant of ways(task)) {
    const found = known.filter(isMeant)
    if (found.length > 0) return onlyOne(task, found)
  }
  const where = framework === undefined ? '' : ` of framework ${framework}`
  throw new AgentError('NOT_FOUND', `the agent knows no task '${task}'${where}`)
}

const shortestPrefix = 4

/** The surest first. */
function ways (task: string): Array<(container: ContainerReport) => boolean> {
  return [
    ({ task_id: id }) => id === task,
    ({ container_id: id, container_name: name }) => id === task || name === task,
    ({ task_name: name }) => name === task,
    ({ container_id: id }) => task.length >= shortestPrefix && id.startsWith(task),
  ]
}

/** What still is there comes before what has ended. */
function onlyOne (task: string, found: readonly ContainerReport[]): ContainerReport {
  const there = found.filter(container => !isOver(container))
  const candidates = there.length > 0 ? there : found
  const [first, ...others] = new Map(candidates.map(container => [`${container.framework_id} ${container.task_id}`, container])).values()
  if (first === undefined) throw new Error('there is none')
  if (others.length === 0) return first
  const all = [first, ...others].map(({ task_id: id, framework_id: framework }) => `${id} of framework ${framework}`)
  throw new AgentError('AMBIGUOUS', `'${task}' can be ${all.join(', or ')}; say which with --framework, or by the id of the container`)
}
