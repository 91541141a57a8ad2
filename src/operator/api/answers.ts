import type { Draining } from '../../agent/draining.ts'
import type { TaskRunner } from '../../agent/task-runner.ts'
import type { Usages } from '../../containerizer/usage.ts'
import type { Config } from '../../model/settings.ts'
import { version } from '../../model/version.ts'
import type { agent } from '../../wire/messages.ts'
import type { Figures } from '../figures/mesos-figures.ts'
import { entriesOf } from '../files/browse.ts'
import { findFile, mustBeFile } from '../files/find-file.ts'
import { readBytes } from '../files/read.ts'
import type { SandboxSite } from '../files/sandbox-place.ts'
import { flagTexts } from '../state/flags.ts'
import { containerList } from './container-messages.ts'
import { executorLists } from './executor-messages.ts'
import { frameworkLists } from './framework-messages.ts'
import { taskLists, withoutLegacyRole } from './task-messages.ts'

export interface OperatorDeps {
  readonly tasks: Pick<TaskRunner, 'agentInfo' | 'book' | 'kill' | 'executors' | 'wishes'>
  readonly config: Config
  readonly site: SandboxSite
  readonly readUsages: () => Promise<Usages>
  readonly readFigures: () => Promise<Figures>
}

/** A response without its type, which is that of the call. */
export type Told = Omit<agent.Response, 'type'>
type Answer = (deps: OperatorDeps, call: agent.Call) => Told | Promise<Told>

/** The calls that look on. */
export const answers: Partial<Record<agent.Call_Type & agent.Response_Type, Answer>> = {
  GET_HEALTH: () => ({ get_health: { healthy: true } }),
  GET_FLAGS: ({ config }) => ({ get_flags: { flags: Object.entries(flagTexts(config)).map(([name, value]) => ({ name, value })) } }),
  GET_VERSION: () => ({ get_version: { version_info: { version } } }),
  GET_METRICS: async ({ readFigures }) => ({
    get_metrics: { metrics: Object.entries(await readFigures()).map(([name, value]) => ({ name, value })) },
  }),
  GET_LOGGING_LEVEL: ({ config }) => ({ get_logging_level: { level: config.logLevel === 'debug' ? 1 : 0 } }),
  GET_STATE: ({ tasks: { book } }) => ({
    get_state: { get_tasks: taskLists(book), get_executors: executorLists(book), get_frameworks: frameworkLists(book) },
  }),
  GET_CONTAINERS: async ({ tasks: { book }, readUsages }) => {
    const containers = containerList(book, await readUsages())
    return containers.length === 0 ? {} : { get_containers: { containers } }      // without any, Mesos leaves the part out
  },
  GET_FRAMEWORKS: ({ tasks: { book } }) => ({ get_frameworks: frameworkLists(book) }),
  GET_EXECUTORS: ({ tasks: { book } }) => ({ get_executors: executorLists(book) }),
  GET_TASKS: ({ tasks: { book } }) => ({ get_tasks: taskLists(book) }),
  GET_OPERATIONS: () => ({ get_operations: {} }),
  GET_RESOURCE_PROVIDERS: () => ({ get_resource_providers: {} }),
  GET_AGENT: ({ tasks: { agentInfo, wishes } }) => ({
    get_agent: { agent_info: { ...agentInfo, resources: withoutLegacyRole(agentInfo.resources) }, ...drainOf(wishes.draining) },
  }),
  LIST_FILES: async ({ site }, { list_files: { path } = { path: '' } }) => ({ list_files: { file_infos: await listFiles(path, site) } }),
  READ_FILE: async ({ site }, { read_file: asked = { path: '', offset: 0 } }) => ({ read_file: await readFile(asked, site) }),
}

function drainOf (draining: Pick<Draining, 'config' | 'begunAt'>): Pick<agent.Response_GetAgent, 'drain_config' | 'estimated_drain_start_time'> {
  const { config } = draining
  return config === undefined ? {} : { drain_config: config, estimated_drain_start_time: { nanoseconds: BigInt(draining.begunAt) * 1_000_000_000n } }
}

async function listFiles (path: string, site: SandboxSite): Promise<agent.Response_ListFiles['file_infos']> {
  await using found = await findFile(path, site)
  const entries = await entriesOf(found, path)
  return entries.map(({ mtimeMs, ...entry }) => ({ ...entry, mtime: { nanoseconds: BigInt(Math.floor(mtimeMs / 1000)) * 1_000_000_000n } }))
}

async function readFile ({ path, offset, length }: agent.Call_ReadFile, site: SandboxSite): Promise<agent.Response_ReadFile> {
  await using found = await findFile(path, site)
  mustBeFile(found, 'read')
  return { size: found.stat.size, data: await readBytes(found, { offset: BigInt(offset), length: BigInt(length ?? -1) }) }
}
