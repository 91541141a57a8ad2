import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { taskBook } from '../../../../src/agent/task-book.ts'
import type { Task } from '../../../../src/agent/task.ts'
import { parseAttributes } from '../../../../src/agent/attributes.ts'
import { resolveSettings } from '../../../../src/model/resolve-settings.ts'
import { agentState } from '../../../../src/operator/state/agent-state.ts'
import { reservedState } from '../../../../src/operator/state/reserved-state.ts'
import type { v1 } from '../../../../src/wire/messages.ts'
import { taskOf } from '../tasks.ts'

type Json = Record<string, unknown>

const recorded = (file: string): Json => (JSON.parse(readFileSync(`test/golden/agent-http/${file}`, 'utf8')) as { response: { json: Json } }).response.json

const scalar = (name: string, value: number): v1.Resource => ({ name, type: 'SCALAR', scalar: { value }, role: '*' })
const ports = (begin: number, end: number): v1.Resource => ({ name: 'ports', type: 'RANGES', ranges: { range: [{ begin, end }] }, role: '*' })

const [agentId, frameworkId] = ['d155b5b8-f75b-462f-9e06-1b69d601bac3-S0', 'd155b5b8-f75b-462f-9e06-1b69d601bac3-0000']
const containerId = '7525c15e-dc1b-43c9-810e-84b18a2e0d81'
const directory = `/var/lib/mesos/slaves/${agentId}/frameworks/${frameworkId}/executors/task-http/runs/${containerId}`

/** The task of the recording, as this agent would have it. */
function recordedTask (): Task {
  const task = taskOf('task-http', frameworkId, containerId)
  Object.assign(task.container.spec.sandbox, { hostPath: directory })
  const info: v1.TaskInfo = {
    name: 'h.app', task_id: { value: 'task-http' }, agent_id: { value: agentId }, resources: [scalar('cpus', 0.25), scalar('mem', 64), ports(31000, 31000)],
    command: { value: 'echo hello stdout; sleep 1000' }, labels: { labels: [{ key: 'l1', value: 'v1' }] },
    container: {
      type: 'DOCKER', docker: { image: 'fixture/busybox:1', network: 'BRIDGE', port_mappings: [{ host_port: 31000, container_port: 8080, protocol: 'tcp' }] },
    },
  }
  const framework: v1.FrameworkInfo = {
    id: { value: frameworkId }, name: 'fixture-http', user: 'root', failover_timeout: 3600, checkpoint: true, principal: 'fixture', roles: ['*'],
    capabilities: [{ type: 'MULTI_ROLE' }],
  }
  return Object.assign(task, { info, framework })
}

function tell (task: Task, state: v1.TaskState, timestamp: number, address: string): void {
  const status: v1.TaskStatus = {
    task_id: { value: task.taskId }, state, timestamp, uuid: Buffer.alloc(16), source: 'SOURCE_EXECUTOR',
    container_status: { container_id: { value: containerId }, network_infos: [{ ip_addresses: [{ protocol: 'IPv4', ip_address: address }] }] },
  }
  task.statuses.push(status)
  task.lastStatus = status
}

function stateOf (book: ReturnType<typeof taskBook>): Json {
  const agentInfo: v1.AgentInfo = {
    id: { value: agentId }, hostname: '127.0.0.1', port: 5051, attributes: parseAttributes('rack:r1;zone:a;level:3;slots:[1-4]'),
    resources: [scalar('cpus', 64), scalar('mem', 65536), scalar('disk', 100000), ports(31000, 32000)],
  }
  const attributes = 'rack:r1;zone:a;level:3;slots:[1-4]'
  const flags = { work_dir: '/var/lib/mesos', resources: 'cpus:64;mem:65536;disk:100000;ports:[31000-32000]', attributes, hostname: '127.0.0.1' }
  const config = resolveSettings({ flags, surroundings: { env: {}, isRoot: true, homeDir: '/root', hostname: 'host' } })
  return JSON.parse(JSON.stringify(agentState({ agentInfo, book, config, address: () => ({ ip: '127.0.0.1', port: 5051 }) }))) as Json
}

/** Where ours differs from the recording, each with its reason; `*` stands for every place in a list. */
const different: Readonly<Record<string, string>> = {
  version: 'is that of Slipway; mesos_version says whose API is spoken',
  mesos_version: 'is not in Mesos',
  build_date: 'nothing is built: there is no such date', build_time: 'as build_date', build_user: 'as build_date',
  start_time: 'is the time of this run',
  capabilities: 'only what is true here is claimed',
  flags: 'are compared apart',
  master_hostname: 'the master is this agent itself',
  unreserved_resources_allocated: 'there is no executor beside the container that takes 0.1 cpus and 32 MB',
  'frameworks.*.executors.*.resources': 'as unreserved_resources_allocated',
  'completed_frameworks.*.completed_executors.*.resources': 'as unreserved_resources_allocated',
}

function withoutDifferent (value: unknown, place = ''): unknown {
  if (Array.isArray(value)) return value.map(one => withoutDifferent(one, `${place}.*`))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, one]) => [key, one, place === '' ? key : `${place}.${key}`] as const)
  return Object.fromEntries(entries.filter(([, , at]) => different[at] === undefined).map(([key, one, at]) => [key, withoutDifferent(one, at)]))
}

test('a running task is told as a Mesos agent tells it', () => {
  const book = taskBook()
  const task = recordedTask()
  book.add(task)
  tell(task, 'TASK_STARTING', 1795333654.3036668, '127.0.0.1')
  tell(task, 'TASK_RUNNING', 1795333655.000193, '172.17.0.2')
  const state = stateOf(book)
  assert.deepEqual(withoutDifferent(state), withoutDifferent(recorded('running/state.json')))
  assert.deepEqual(state['unreserved_resources_allocated'], { disk: 0, mem: 64, gpus: 0, cpus: 0.25, ports: '[31000-31000]' })
})

test('a killed task is told among the completed, and so is its framework', () => {
  const book = taskBook()
  const task = recordedTask()
  book.add(task)
  tell(task, 'TASK_STARTING', 1795333654.3036668, '127.0.0.1')
  tell(task, 'TASK_RUNNING', 1795333655.000193, '172.17.0.2')
  tell(task, 'TASK_KILLING', 1795333661.500938, '127.0.0.1')
  tell(task, 'TASK_KILLED', 1795333662.740136, '127.0.0.1')
  book.close(task)
  const state = stateOf(book)
  assert.deepEqual(withoutDifferent(state), withoutDifferent(recorded('state_after_framework_teardown.json')))
  assert.deepEqual(state['unreserved_resources_allocated'], { disk: 0, mem: 0, gpus: 0, cpus: 0 })
})

test('a task that nobody has told of is queued, and its environment stays out', () => {
  const book = taskBook()
  const task = recordedTask()
  Object.assign(task.info, { command: { ...task.info.command, environment: { variables: [{ name: 'PASSWORD', value: 'secret' }] } } })
  book.add(task)
  const { frameworks } = stateOf(book) as { frameworks: Array<{ executors: Array<{ tasks: object[], queued_tasks: Json[] }> }> }
  const [executor] = frameworks[0]?.executors ?? []
  assert.deepEqual(executor?.tasks, [])
  assert.equal(executor.queued_tasks[0]?.['id'], 'task-http')
  assert.doesNotMatch(JSON.stringify(executor), /secret/)
})

test('a task that may still run stands among the completed of an executor that is there', () => {
  const book = taskBook()
  const task = recordedTask()
  book.add(task)
  tell(task, 'TASK_FAILED', 1, '127.0.0.1')
  const { frameworks } = stateOf(book) as { frameworks: Array<{ executors: Array<{ completed_tasks: Json[] }> }> }
  assert.equal(frameworks[0]?.executors[0]?.completed_tasks[0]?.['state'], 'TASK_FAILED')
})

test('every flag that a Mesos agent has too is told as Mesos tells it', () => {
  const ours = stateOf(taskBook())['flags'] as Record<string, string>
  const theirs = recorded('running/state.json')['flags'] as Record<string, string>
  const shared = Object.keys(ours).filter(name => theirs[name] !== undefined)
  assert.ok(shared.length >= 9, shared.join())
  // Its default grace is 5 s here: 0 s would kill every task outright. The levels of the log have other names. Everybody has to show who he is.
  const other = ['docker_stop_timeout', 'logging_level', 'authenticate_http_readonly', 'authenticate_http_readwrite']
  for (const name of shared.filter(name => !other.includes(name))) assert.equal(ours[name], theirs[name], name)
  assert.equal(ours['docker_stop_timeout'], '5secs')
  assert.equal(ours['launch_timeout'], '30mins')
  assert.equal(ours['log_max_size'], '10MB')
})

test('reservations and volumes are told by role, in both forms', () => {
  const reservations = [{ type: 'DYNAMIC' as const, role: 'web', principal: 'p' }]
  const held: v1.Resource = { ...scalar('cpus', 1), role: undefined, reservations, allocation_info: { role: 'web' } }
  const volume: v1.Resource = { name: 'disk', type: 'SCALAR', scalar: { value: 10 }, reservations, disk: { persistence: { id: 'v1' } } }
  const state = JSON.parse(JSON.stringify(reservedState([scalar('cpus', 3), held, volume], [held, scalar('cpus', 0.5)]))) as Record<string, Json>
  assert.deepEqual(state['reserved_resources'], { web: { disk: 10, mem: 0, gpus: 0, cpus: 1 } })
  assert.deepEqual(state['unreserved_resources_allocated'], { disk: 0, mem: 0, gpus: 0, cpus: 0.5 })
  const [told] = state['reserved_resources_full']?.['web'] as Json[]
  assert.deepEqual(told, { name: 'cpus', type: 'SCALAR', scalar: { value: 1 }, role: 'web', reservation: { principal: 'p' }, reservations })
  assert.deepEqual(state['unreserved_resources_full'], [{ name: 'cpus', type: 'SCALAR', scalar: { value: 3 }, role: '*' }])
})
