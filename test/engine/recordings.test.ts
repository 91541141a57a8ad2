import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { v1 } from '../../src/wire/messages.ts'
import { sandboxOf } from '../support/agent-places.ts'
import { askEngine, callEngine } from '../support/engine-api.ts'
import { eventually } from '../support/eventually.ts'
import { ensureBusybox, ensureVariant, pushTo, removeImage } from '../support/images.ts'
import { nothingLeft } from '../support/nothing-left.ts'
import { readRecording, recordingNames, type Here, type RecordedContainer, type Recording } from '../support/recordings.ts'
import { needsRegistry } from '../support/requires.ts'
import { startTestAgent, type TestAgent } from '../support/test-agent.ts'
import type { TestFramework } from '../support/test-framework.ts'

/** Where the end of a task is told otherwise than Mesos does, on purpose: docs/decisions/0030-where-containers-differ-from-mesos.md. */
const otherEnds: Readonly<Record<string, { state: v1.TaskState, reason: string | undefined, message: RegExp, why: string }>> = {
  '11_shell_true_no_value': invalid(/^command\.value is missing/),
  '17_bridge_port_not_in_resources': invalid(/^container\.docker\.port_mappings\[0\]\.host_port 31030 is not among/),
  '24_hostname_host_network': invalid(/^container\.hostname cannot be set on host networking/),
  '20_privileged': notStarted(/start failed: .*operation not permitted/),
  '36_command_not_found': notStarted(/start failed: .*\/no\/such\/binary/),
  '34_exit_137_oom': {
    state: 'TASK_FAILED', reason: 'REASON_CONTAINER_LIMITATION_MEMORY', why: 'out of memory is told as such',
    message: /^Memory limit exceeded: .*limit of 32 MB\. Container exited with status 137 \(SIGKILL\)$/,
  },
}

/** What else their containers have otherwise, besides what `stable` leaves out. */
const otherConfigs: Readonly<Record<string, Record<string, unknown>>> = {
  '40_tty': { Tty: true },        // a terminal that is asked for is given
}

type OtherEnd = typeof otherEnds[string]

function invalid (message: RegExp): OtherEnd {
  return { state: 'TASK_ERROR', reason: 'REASON_TASK_INVALID', message, why: 'a description that cannot be is refused before anything is begun' }
}

function notStarted (message: RegExp): OtherEnd {
  return { state: 'TASK_FAILED', reason: 'REASON_CONTAINER_LAUNCH_FAILED', message, why: 'a launch that failed names its stage and its cause' }
}

/** What the recording machine's user saw that is not the same anywhere else. */
const ownOutput = new Set(['30_env', '33_uris'])

const { socket, registry, skip } = needsRegistry()
const network = `slipway-test-recordings-${process.pid}`
const volume = `slipway-test-recordings-${process.pid}`
const variants = { 'slipway-test/entrypoint:1': ['ENTRYPOINT ["/bin/echo","entry"]', 'CMD ["default","cmd"]', 'ENV IMAGE_ENV=from-image', 'WORKDIR /srv'],
  'slipway-test/cmd:1': ['CMD ["sh","-c","echo from-cmd; sleep 2"]'] }
const names = recordingNames()
let agent: TestAgent
let framework: TestFramework
let folder: string
let here: Here
let again = 0

before(async () => {
  if (skip !== false) return
  const image = await ensureBusybox(socket)
  for (const [name, changes] of Object.entries(variants)) await ensureVariant(socket, name, changes)
  folder = await realpath(await mkdtemp(join(tmpdir(), 'slipway-recordings-')))
  await mkdir(join(folder, 'data'))
  await writeFile(join(folder, 'data/file.txt'), 'hello there!\n', { mode: 0o644 })
  await askEngine(socket, 'POST /networks/create', { body: { Name: network, Driver: 'bridge' } })
  const { DockerRootDir: root } = await askEngine<{ DockerRootDir: string }>(socket, 'GET /info')
  here = [
    ['127.0.0.1:5005/bb:1', await pushTo(socket, registry, image)], [/"fixture\//g, '"slipway-test/'], ['"vm"', JSON.stringify(hostname())],
    ['fixturenet', network], ['fixturevol', volume], ['/srv/fixture-', `${folder}/`], ['/var/lib/docker/', `${root}/`],
  ]
  agent = await startTestAgent(socket, asMesos(folder))
  framework = await agent.subscribe()
  // All at once: most of them sleep.
  await framework.launch(...names.map(name => ({ info: taskInfoOf(name) })))
})

after(async () => {
  if (skip !== false) return
  await nothingLeft(socket, agent.instanceId)
  await agent[Symbol.asyncDispose]()
  await callEngine(socket, `DELETE /networks/${network}`)
  await callEngine(socket, `DELETE /volumes/${volume}`)
  for (const name of Object.keys(variants)) await removeImage(socket, name)
  await rm(folder, { recursive: true, force: true })
})

/** As permissive as Mesos is. */
function asMesos (hostPath: string): Record<string, string> {
  return {
    allowNetworks: 'host,bridge,none,*', allowHostPaths: hostPath, allowPrivileged: 'true', allowCapabilities: 'ALL', dockerUser: 'false',
  }
}

function taskInfoOf (name: string): Partial<v1.TaskInfo> {
  const { agent_id: _theirs, ...info } = readRecording(name, here).task_info
  return info
}

for (const name of names) {
  test(`${name} runs and ends as under Mesos`, { skip }, async t => {
    const taskId = taskIdOf(name)
    const end = await framework.end(taskId)
    const recording = readRecording(name, [...here, ...ownNames(end)])
    assertEnd(name, recording, end)
    if (otherEnds[name] !== undefined) t.diagnostic(`${name} ends otherwise: ${otherEnds[name].why}`)
    const statuses = framework.statuses.get(taskId) ?? []
    if (recording.inspect_running !== null) {
      const told = statuses.find(({ data }) => data !== undefined)
      const [document] = JSON.parse(Buffer.from(told?.data ?? []).toString()) as [RecordedContainer]
      const recorded = { ...recording.inspect_running, Config: { ...recording.inspect_running.Config, ...otherConfigs[name] } }
      assert.deepEqual(stable(document, recorded), stable(recorded, recorded))
      assert.deepEqual(statuses.map(({ state }) => state).slice(0, 2), ['TASK_STARTING', 'TASK_RUNNING'])
      if (!ownOutput.has(name)) await eventually(async () => { assert.equal(await outputOf(end), recording.sandbox.stdout) })
    }
  })
}

function assertEnd (name: string, recording: Recording, end: v1.TaskStatus): void {
  const { state, reason, source, message } = end
  const other = otherEnds[name]
  // Where the recording was made, no container could be privileged.
  if (name === '20_privileged' && state === 'TASK_FINISHED') return
  if (other !== undefined) {
    assert.deepEqual([state, reason], [other.state, other.reason], message)
    assert.match(message ?? '', other.message)
    return
  }
  const last = recording.statuses.at(-1)
  assert.deepEqual({ state, reason, source, message }, { state: last?.state, reason: last?.reason, source: last?.source, message: last?.message })
}

/** The names and places that only the run itself gives. */
function ownNames ({ container_status: status }: v1.TaskStatus): Here {
  const containerId = status?.container_id?.value ?? ''
  const frameworks = join(agent.workDir, 'slaves', `${agent.instanceId}-S0`, 'frameworks', framework.frameworkId)
  return [
    [/\/var\/lib\/mesos\/slaves\/[^/]+\/frameworks\/[^/]+\/executors\/([^/]+)\/runs\/[0-9a-f-]{36}/g, `${frameworks}/executors/$1/runs/${containerId}`],
    [/mesos-[0-9a-f-]{36}/g, `mesos-${containerId}`],
  ]
}

/** The keys that the recording has, without what differs on purpose: docs/decisions/0030-where-containers-differ-from-mesos.md. */
function stable (document: RecordedContainer, recorded: RecordedContainer): object {
  const { Labels: labels, ...config } = picked(document.Config, recorded.Config)
  const { Binds: _asMounts, VolumeDriver: _ofMounts, OomScoreAdj: score, ...host } = picked(document.HostConfig, recorded.HostConfig)
  const { Config: _config, HostConfig: _host, Mounts: _mounts, State: _whenLookedAt, ...rest } = picked({ ...document }, { ...recorded })
  return {
    ...rest,
    Config: {
      ...config,
      Hostname: isEngineId(config['Hostname']) ? 'the id' : config['Hostname'],
      Env: [...config['Env'] as string[]].sort(),
      Labels: foreign(labels as Record<string, string> | null),
    },
    HostConfig: { ...host, OomScoreAdj: Number(score) > 900 ? 'by the memory of the host' : score },
    Mounts: document.Mounts.map(({ Type, Source, Destination, RW, Name }) => ({ Type, Source, Destination, RW, Name: Name ?? null }))
      .sort((a, b) => String(a.Destination) < String(b.Destination) ? -1 : 1),
  }
}

/** An empty list or map is as good as none. */
function picked (fields: Record<string, unknown>, wanted: Record<string, unknown>): Record<string, unknown> {
  const isNothing = (value: unknown): boolean => value === undefined || JSON.stringify(value) === '[]' || JSON.stringify(value) === '{}'
  return Object.fromEntries(Object.keys(wanted).map(key => [key, isNothing(fields[key]) ? null : fields[key]]))
}

function isEngineId (name: unknown): boolean {
  return /^[0-9a-f]{12}$/.test(String(name))
}

function foreign (labels: Record<string, string> | null): Record<string, string> {
  return Object.fromEntries(Object.entries(labels ?? {}).filter(([key]) => !key.startsWith('slipway.')))
}

for (const name of Object.keys(otherEnds)) {
  const recording = readRecording(name, [])
  if (recording.inspect_after === null || recording.inspect_running !== null) continue
  test(`${name} is created as under Mesos, though it cannot be started`, { skip }, async () => {
    const patience = { withinMs: 60_000, reason: 'that a container is seen between its create and its removal' }
    const { id, document } = await eventually(() => createdFor(name), patience)
    const recorded = readRecording(name, [...here, ...ownNames(await framework.end(id)), [taskIdOf(name), id]]).inspect_after!
    assert.deepEqual(stable(document, recorded), stable(recorded, recorded))
  })
}

/** It is removed as soon as the engine could not start it: looked at in time, or false. */
async function createdFor (name: string): Promise<{ id: string, document: RecordedContainer } | false> {
  const id = `${taskIdOf(name)}-${again++}`
  await framework.launch({ info: { ...taskInfoOf(name), task_id: { value: id } } })
  const filters = encodeURIComponent(JSON.stringify({ label: [`slipway.task=${id}`] }))
  while (framework.statuses.get(id)?.some(({ state }) => state === 'TASK_FAILED' || state === 'TASK_FINISHED') !== true) {
    const [found] = await askEngine<Array<{ Id: string }>>(socket, `GET /containers/json?all=1&filters=${filters}`)
    const { status, body } = found === undefined ? { status: 404, body: '' } : await callEngine(socket, `GET /containers/${found.Id}/json`)
    if (status === 200) return { id, document: JSON.parse(body) as RecordedContainer }
  }
  return false
}

function taskIdOf (name: string): string {
  return readRecording(name, []).task_info.task_id.value
}

async function outputOf ({ task_id: { value: taskId } }: v1.TaskStatus): Promise<string> {
  return await readFile(join(sandboxOf(agent.workDir, framework.frameworkId, taskId), 'stdout'), 'utf8')
}
