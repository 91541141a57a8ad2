import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { taskToSpec } from '../../../src/agent/task-to-spec.ts'
import { createBody } from '../../../src/engine/create-body.ts'
import { labels } from '../../../src/model/container-spec.ts'
import { resolveSettings } from '../../../src/model/resolve-settings.ts'
import type { v1 } from '../../../src/wire/messages.ts'

/** What is launched, by whomever. */
export interface LaunchWish {
  readonly image: string
  readonly network: typeof launchNetworks[number]
  readonly uris: readonly string[]
  /** That it prints before it goes to sleep. */
  readonly logLines: number
  /** What it runs instead. */
  readonly shell?: string
}

export const launchNetworks = ['host', 'bridge', 'none'] as const

const cpus = 0.01
const memMb = 32
/** Without anything in the environment or a file: what the agent has when nothing is said. */
const config = resolveSettings({ flags: {}, surroundings: { env: {}, isRoot: true, homeDir: '/root', hostname: 'bench' } })

/** Resources for so many at once, in the words of --resources. */
export function resourcesFor (count: number): string {
  return `cpus:${Math.max(64, Math.ceil(count * cpus) + 1)};mem:${Math.max(65_536, (count + 1) * memMb)};disk:10000`
}

export function taskInfoOf ({ image, network, uris, logLines, shell }: LaunchWish, id: string, agentId: string): v1.TaskInfo {
  return {
    name: id,
    task_id: { value: id },
    agent_id: { value: agentId },
    resources: [{ name: 'cpus', type: 'SCALAR', scalar: { value: cpus } }, { name: 'mem', type: 'SCALAR', scalar: { value: memMb } }],
    container: { type: 'DOCKER', docker: { image, network: network.toUpperCase() as v1.ContainerInfo_DockerInfo_Network } },
    command: { shell: true, value: shell ?? `${linesOf(logLines)}exec sleep 100000`, uris: uris.map(value => ({ value })) },
    kill_policy: { grace_period: { nanoseconds: 0 } },
  }
}

function linesOf (count: number): string {
  return count > 0 ? `i=0; while [ $i -lt ${count} ]; do echo "line $i"; i=$((i+1)); done; ` : ''
}

/** What such a task has in its stdout. */
export function outputOf ({ logLines }: LaunchWish): string {
  return Array.from({ length: logLines }, (_, at) => `line ${at}\n`).join('')
}

export interface CreateCall { readonly name: string, readonly sandbox: string, readonly body: object }

/** What the agent asks the engine for when it is to launch such a task, under another instance's name. */
export function createCall (wish: LaunchWish, folder: string): CreateCall {
  const id = `raw-${randomBytes(8).toString('hex')}`
  const info = taskInfoOf(wish, id, 'raw')
  // As the master hands it on.
  const resources = (info.resources ?? []).map(resource => ({ ...resource, allocation_info: { role: '*' } }))
  const spec = taskToSpec({ ...info, resources }, 'raw', id, {
    policy: config, instanceId: 'raw', namePrefix: 'slipway-', sandboxDirectory: config.sandboxDirectory, defaultGraceMs: 0,
    sandboxPath: (_frameworkId, _executorId, containerId) => join(folder, containerId),
  })
  const body = createBody(spec, { maxSizeBytes: config.logMaxSize, maxFiles: config.logMaxFile })
  return { name: spec.name, sandbox: spec.sandbox.hostPath, body: { ...body, Labels: { ...body.Labels, [labels.agent]: `raw ${folder}` } } }
}
