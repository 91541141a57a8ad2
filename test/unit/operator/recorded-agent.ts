import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { Registry } from 'prom-client'
import { parseAttributes } from '../../../src/agent/attributes.ts'
import { taskBook, type TaskBook } from '../../../src/agent/task-book.ts'
import type { Task } from '../../../src/agent/task.ts'
import { MasterWishes } from '../../../src/agent/master-wishes.ts'
import { agentMetrics } from '../../../src/agent/metrics.ts'
import { eventHub, type EventHub } from '../../../src/base/event-hub.ts'
import { silentLog } from '../../../src/base/log.ts'
import type { ContainerUsage } from '../../../src/model/container-usage.ts'
import { startDoor, type Door } from '../../../src/door/start-door.ts'
import type { AgentEvent } from '../../../src/model/agent-event.ts'
import { resolveSettings } from '../../../src/model/resolve-settings.ts'
import { operatorApi } from '../../../src/operator/api/operator-api.ts'
import { figureRoutes } from '../../../src/operator/figures/figure-routes.ts'
import { mesosFigures, type Figures } from '../../../src/operator/figures/mesos-figures.ts'
import { startTally } from '../../../src/operator/figures/tally.ts'
import { fileRoutes } from '../../../src/operator/files/file-routes.ts'
import { healthRoutes } from '../../../src/operator/health.ts'
import { smallRoutes } from '../../../src/operator/small-routes.ts'
import { stateRoutes } from '../../../src/operator/state-routes.ts'
import { usageRoutes } from '../../../src/operator/usage-routes.ts'
import { forgetful } from '../../../src/store/checkpoint.ts'
import type { v1 } from '../../../src/wire/messages.ts'

import { sandboxIn } from './files/sandboxes.ts'
import { taskOf } from './tasks.ts'

export interface Recorded {
  readonly note?: string
  readonly request: {
    readonly method: string, readonly path: string, readonly headers: Array<[string, string]>, readonly json?: unknown, readonly body?: string | null
  }
  readonly response: { readonly status: number, readonly headers: Array<[string, string]>, readonly json?: unknown, readonly body?: string }
}

/** How far the recorded task was. */
export type When = 'running' | 'finished'

const folder = join('test', 'golden', 'agent-http')
export const recordedWorkDir = '/var/lib/mesos'
export const agentId = 'd155b5b8-f75b-462f-9e06-1b69d601bac3-S0'
export const frameworkId = 'd155b5b8-f75b-462f-9e06-1b69d601bac3-0000'
export const containerId = '7525c15e-dc1b-43c9-810e-84b18a2e0d81'

/** Everything but the listings of files, which have a test of their own, by what it is called. */
export function recordings (): Array<readonly [name: string, when: When, exchange: Recorded]> {
  const files = (['running', 'finished'] as const).flatMap(when => readdirSync(join(folder, when)).filter(name => !name.startsWith('files_'))
    .map(name => [`${when}/${name.replace('.json', '')}`, when, JSON.parse(readFileSync(join(folder, when, name), 'utf8')) as Recorded] as const))
  const lines = readFileSync(join(folder, 'errors_and_paths.jsonl'), 'utf8').trim().split('\n').map(line => JSON.parse(line) as Recorded)
    .filter(({ request: { path } }) => !path.startsWith('/files/') && !path.includes('executor'))
    .map(exchange => [`${exchange.note} ${exchange.request.method} ${exchange.request.path}`, 'running', exchange] as const)
  return [...files, ...lines]
}

const scalar = (name: string, value: number, more: Partial<v1.Resource> = { role: '*' }): v1.Resource => ({ name, type: 'SCALAR', scalar: { value }, ...more })
const ports = (begin: number, end: number, more: Partial<v1.Resource> = { role: '*' }): v1.Resource => {
  return { name: 'ports', type: 'RANGES', ranges: { range: [{ begin, end }] }, ...more }
}

const allocation = { allocation_info: { role: '*' } }

/** The task of the recording, as this agent would have it. */
function recordedTask (hostPath: string): Task {
  const task = taskOf('task-http', frameworkId, containerId)
  Object.assign(task.container.spec.sandbox, { hostPath })
  task.container.limits = { ...task.container.limits, cpus: 0.25 }
  const info: v1.TaskInfo = {
    name: 'h.app', task_id: { value: 'task-http' }, agent_id: { value: agentId },
    resources: [scalar('cpus', 0.25, allocation), scalar('mem', 64, allocation), ports(31000, 31000, allocation)],
    command: { value: 'echo hello stdout; echo hello stderr >&2; exec sleep 1000' }, labels: { labels: [{ key: 'l1', value: 'v1' }] },
    kill_policy: { grace_period: { nanoseconds: 1_000_000_000 } },
    container: {
      type: 'DOCKER', docker: { image: 'fixture/busybox:1', network: 'BRIDGE', port_mappings: [{ host_port: 31000, container_port: 8080, protocol: 'tcp' }] },
    },
  }
  const framework: v1.FrameworkInfo = {
    id: { value: frameworkId }, name: 'fixture-http', user: 'root', failover_timeout: 3600, checkpoint: true, principal: 'fixture', roles: ['*'],
    webui_url: 'http://127.0.0.1:8080', labels: { labels: [{ key: 'fk', value: 'fv' }] },
    capabilities: [{ type: 'MULTI_ROLE' }, { type: 'TASK_KILLING_STATE' }, { type: 'PARTITION_AWARE' }, { type: 'RESERVATION_REFINEMENT' }],
  }
  return Object.assign(task, { info, framework })
}

type Told = readonly [state: v1.TaskState, timestamp: number, address: string, uuid: string, message?: string]

const whileItRan: readonly Told[] = [
  ['TASK_STARTING', 1795333654.3036668, '127.0.0.1', '72Bph/6oQkq0tWptebiPIQ=='],
  ['TASK_RUNNING', 1795333655.000193, '172.17.0.2', 'za7v0kevRVWPmrlwb0CEUQ=='],
]
const toItsEnd: readonly Told[] = [
  ['TASK_KILLING', 1795333661.500938, '127.0.0.1', '74Fb6DbPReOfhwpTiFbK1g=='],
  ['TASK_KILLED', 1795333662.740136, '127.0.0.1', '2fwAoF4tSwCOk4D3c9f8LA==', 'Container exited with status 137'],
]

function tellOf (task: Task, when: When, metrics: ReturnType<typeof agentMetrics>): void {
  for (const [state, timestamp, address, uuid, message] of when === 'running' ? whileItRan : [...whileItRan, ...toItsEnd]) {
    const status: v1.TaskStatus = {
      task_id: { value: task.taskId }, state, source: 'SOURCE_EXECUTOR', agent_id: { value: agentId }, executor_id: { value: task.taskId }, timestamp,
      uuid: Buffer.from(uuid, 'base64'), ...(message !== undefined && { message }),
      container_status: { container_id: { value: containerId }, network_infos: [{ ip_addresses: [{ protocol: 'IPv4', ip_address: address }] }] },
    }
    task.statuses.push(status)
    task.lastStatus = status
    metrics.told(state)
  }
}

const usage: ContainerUsage = { timestamp: 1795333657.268161, cpuUserSeconds: 0.01, cpuSystemSeconds: 0, memRssBytes: 53248, memLimitBytes: 64 << 20 }

/** That of the later recordings: files alone. */
function addSecondSandbox (workDir: string): void {
  const ids = ['da7a642f-5859-42be-aa0d-4decb9437b1b-S0', 'da7a642f-5859-42be-aa0d-4decb9437b1b-0001', 'task-http2', '37f4f811-80c0-4f46-9df4-086623ae32a1']
  const path = join(workDir, 'slaves', ids[0] ?? '', 'frameworks', ids[1] ?? '', 'executors', ids[2] ?? '', 'runs', ids[3] ?? '')
  mkdirSync(join(path, 'dir'), { recursive: true })
  for (const [name, content] of [['dir/f', 'f\n'], ['bin', 'bin'], ['stdout', 'hello stdout\n'], ['stderr', 'x'.repeat(342)]] as const) {
    writeFileSync(join(path, name), content, { mode: 0o644 })
    utimesSync(join(path, name), 1795334028, 1795334028)
  }
  utimesSync(join(path, 'dir'), 1795334028, 1795334028)
}

function writeOutput (path: string, when: When): void {
  const stderr = when === 'running' ? ['x'.repeat(354), 1795333654] as const : ['x'.repeat(604), 1795333662] as const
  for (const [name, [content, mtime]] of [['stdout', ['hello stdout\n', 1795333654]], ['stderr', stderr]] as const) {
    writeFileSync(join(path, name), content, { mode: 0o644 })
    utimesSync(join(path, name), mtime, mtime)
  }
}

/** The task with its past, and what was counted of it. */
function runTask (when: When, hostPath: string, events: EventHub<AgentEvent>, registry: Registry): TaskBook {
  const metrics = agentMetrics(registry)
  const book = taskBook()
  const task = recordedTask(hostPath)
  const { container } = task
  const about = { containerId, taskId: task.taskId, frameworkId }
  book.add(task)
  container.timeline.begin('start')
  container.timeline.begun('start', 0)
  container.move('admit')
  container.move('started')
  events.tell({ kind: 'stage', stage: 'pull', outcome: 'ok', ...about, queueMs: 0, durationMs: 68.669952 })
  tellOf(task, when, metrics)
  if (when === 'running') return book
  events.tell({ kind: 'container', from: 'running', to: 'exited', ...about })
  book.close(task)
  return book
}

const attributes = 'rack:r1;zone:a;level:3;slots:[1-4]'
const flags = { work_dir: recordedWorkDir, resources: 'cpus:64;mem:65536;disk:100000;ports:[31000-32000]', attributes, hostname: '127.0.0.1' }
const agentInfo: v1.AgentInfo = {
  id: { value: agentId }, hostname: '127.0.0.1', port: 5051, attributes: parseAttributes(attributes),
  resources: [scalar('cpus', 64), scalar('mem', 65536), scalar('disk', 100000), ports(31000, 32000)],
}
const engine = { condition: 'up', isDiskFull: false, stuckContainers: 0 } as const

function wishesOf (book: TaskBook, workDir: string): MasterWishes {
  return new MasterWishes({ specSettings: { workDir }, agentInfo, checkpoint: forgetful, log: silentLog }, { kill: () => true }, book)
}

/** Everything that operators read, over the agent of the recordings. */
export async function openRecordedAgent (t: TestContext, when: When): Promise<{ door: Door, workDir: string }> {
  const { path, workDir } = sandboxIn(t, [agentId, frameworkId, 'task-http', containerId])
  writeOutput(path, when)
  addSecondSandbox(workDir)
  const registry = new Registry()
  const events = eventHub<AgentEvent>()
  const tally = startTally(events)
  const book = runTask(when, path, events, registry)
  const config = resolveSettings({ flags, surroundings: { env: {}, isRoot: true, homeDir: '/root', hostname: 'host' } })
  const readFigures = async (): Promise<Figures> => {
    return await mesosFigures({ registry, agentInfo, book, tally, isRegistered: () => true, recoverySeconds: () => 0.4 })
  }
  const readUsages = (): Promise<Map<string, ContainerUsage>> => Promise.resolve(new Map([[containerId, usage]]))
  const site = { workDir, agentId }
  const wishes = wishesOf(book, workDir)
  const tasks = { agentInfo, book, kill: () => true, executors: undefined as never, wishes }
  const door = await startDoor({
    ip: '127.0.0.1', port: 0, token: undefined, openPaths: [], log: silentLog,
    routes: app => {
      healthRoutes(app, { isServing: () => true, engine: () => engine, checkpointFault: () => undefined })
      fileRoutes(app, { site, book })
      figureRoutes(app, readFigures)
      smallRoutes(app, config)
      stateRoutes(app, { agentInfo, book, config, wishes, address: () => ({ ip: '127.0.0.1', port: 5051 }) })
      usageRoutes(app, { book, readUsages, log: silentLog })
      operatorApi(app, { tasks, config, site, readUsages, readFigures })
    },
  })
  door.ready = true
  t.after(async () => { tally.close(); await door.close() })
  return { door, workDir }
}
