import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { v1 } from '../../src/wire/messages.ts'
import { sandboxOf } from '../support/agent-places.ts'
import { askEngine, callEngine } from '../support/engine-api.ts'
import { eventually } from '../support/eventually.ts'
import { ensureBusybox } from '../support/images.ts'
import { needsEngine } from '../support/requires.ts'
import { startTestAgent, type TestAgent } from '../support/test-agent.ts'
import type { TestFramework } from '../support/test-framework.ts'

interface Document { HostConfig: Record<string, unknown>, Config: Record<string, unknown> }

const { socket, skip } = needsEngine()
const network = `slipway-test-${process.pid}`
const volumeName = `slipway-test-${process.pid}`
let agent: TestAgent
let framework: TestFramework
let image: string
let folder: string

before(async () => {
  if (skip !== false) return
  image = await ensureBusybox(socket)
  folder = await realpath(await mkdtemp(join(tmpdir(), 'slipway-host-')))
  await mkdir(join(folder, 'data'))
  await writeFile(join(folder, 'data/greeting'), 'hello\n')
  await symlink('/etc', join(folder, 'data/out'))
  await askEngine(socket, 'POST /networks/create', { body: { Name: network, Driver: 'bridge', Labels: { 'slipway-test': 'description' } } })
  agent = await startTestAgent(socket, { allowHostPaths: join(folder, 'data'), allowNetworks: 'bridge,*', memorySwap: 'none', allowCapabilities: 'NET_ADMIN' })
  framework = await agent.subscribe()
})

after(async () => {
  if (skip !== false) return
  await agent[Symbol.asyncDispose]()
  await callEngine(socket, `DELETE /networks/${network}`)
  await callEngine(socket, `DELETE /volumes/${volumeName}`)
  await rm(folder, { recursive: true, force: true })
})

const scalar = (name: string, value: number): v1.Resource => ({ name, type: 'SCALAR', scalar: { value } })
const ports = (begin: number, end: number): v1.Resource => ({ name: 'ports', type: 'RANGES', ranges: { range: [{ begin, end }] } })

function container (docker: Partial<v1.ContainerInfo_DockerInfo>, more: Partial<v1.ContainerInfo> = {}): Pick<v1.TaskInfo, 'container' | 'resources'> {
  const resources = [scalar('cpus', 0.1), scalar('mem', 32), ...docker.port_mappings === undefined ? [] : [ports(31010, 31012)]]
  return { container: { type: 'DOCKER', docker: { image, network: 'BRIDGE', ...docker }, ...more }, resources }
}

async function outputOf (taskId: string): Promise<string> {
  return await readFile(join(sandboxOf(agent.workDir, framework.frameworkId, taskId), 'stdout'), 'utf8')
}

/** Runs it to its end and answers what it wrote. */
async function said (shell: string, info: Partial<v1.TaskInfo>): Promise<string> {
  const [id = ''] = await framework.launch({ shell: `${shell}; echo over`, info })
  const end = await framework.end(id)
  assert.equal(end.state, 'TASK_FINISHED', end.message)
  return (await eventually(async () => {
    const output = await outputOf(id)
    return output.endsWith('over\n') && output
  })).replace(/over\n$/, '')
}

async function running (shell: string, info: Partial<v1.TaskInfo>): Promise<{ id: string, status: v1.TaskStatus, document: Document }> {
  const [id = ''] = await framework.launch({ shell, info })
  const status = await eventually(async () => {
    await framework.until(id, 'TASK_RUNNING')
    return framework.statuses.get(id)?.find(({ data }) => data !== undefined) ?? false
  })
  const [document] = JSON.parse(Buffer.from(status.data ?? []).toString()) as [Document]
  return { id, status, document }
}

async function ended (id: string): Promise<void> {
  await framework.kill(id, 0)
  await framework.end(id)
}

test('volumes are mounted: of the host, of the sandbox, of the engine; read-only where they are to be', { skip }, async () => {
  const data = join(folder, 'data')
  const volumes: v1.Volume[] = [
    { container_path: '/ro', host_path: data, mode: 'RO' }, { container_path: '/rw', host_path: data, mode: 'RW' },
    { container_path: '/made', host_path: join(data, 'made'), mode: 'RW' }, { container_path: '/rel', host_path: 'relative/dir', mode: 'RW' },
    { container_path: 'in', host_path: data, mode: 'RO' },
    { container_path: '/named', mode: 'RW', source: { type: 'DOCKER_VOLUME', docker_volume: { driver: 'local', name: volumeName } } },
  ]
  const script = 'cat /ro/greeting $MESOS_SANDBOX/in/greeting; touch /ro/x 2>/dev/null || echo refused; ' +
    'touch /rw/x /made/y /rel/z /named/n; ls $MESOS_SANDBOX/relative/dir'
  assert.equal(await said(script, container({}, { volumes })), 'hello\nhello\nrefused\nz\n')
  assert.equal(await readFile(join(data, 'made/y'), 'utf8'), '')
  assert.equal(await said('ls /named', container({}, { volumes: volumes.slice(-1) })), 'n\n')
})

test('a path of the host that leads out of what is allowed fails the task, naming field and setting', { skip }, async () => {
  for (const host_path of ['/etc', join(folder, 'data/out'), folder]) {
    const [id = ''] = await framework.launch({ shell: 'true', info: container({}, { volumes: [{ container_path: '/x', host_path, mode: 'RO' }] }) })
    const { state, message = '' } = await framework.end(id)
    assert.equal(state, 'TASK_FAILED')
    assert.match(message, /prepare failed: container\.volumes\[0\]: .* is not allowed; --allow-host-paths would allow it/)
  }
})

test('a task whose id holds a colon has its sandbox', { skip }, async () => {
  const [id = ''] = await framework.launch({ id: 'a:b:c', shell: 'echo x > $MESOS_SANDBOX/file && cat $MESOS_SANDBOX/file', info: container({}) })
  assert.equal((await framework.end(id)).state, 'TASK_FINISHED')
  await eventually(async () => { assert.equal(await outputOf(id), 'x\n') })
})

test('a mapped port of the host reaches the container, tcp and udp apart, and its address is told', { skip }, async () => {
  const port_mappings = [{ host_port: 31010, container_port: 80 }, { host_port: 31011, container_port: 53, protocol: 'udp' }]
  const { id, status, document } = await running('while true; do echo hi | nc -l -p 80; done', container({ port_mappings }, { hostname: 'web' }))
  await eventually(async () => { assert.equal(await answerOf(31010), 'hi\n') })
  assert.deepEqual(document.HostConfig['PortBindings'], {
    '53/udp': [{ HostIp: '', HostPort: '31011' }], '80/tcp': [{ HostIp: '', HostPort: '31010' }],
  })
  assert.equal(document.Config['Hostname'], 'web')
  const address = status.container_status?.network_infos?.[0]?.ip_addresses?.[0]?.ip_address ?? ''
  assert.match(address, /^\d+\.\d+\.\d+\.\d+$/)
  assert.notEqual(address, '127.0.0.1')
  await ended(id)
})

async function answerOf (port: number): Promise<string> {
  const pipe = createConnection({ host: '127.0.0.1', port, timeout: 2_000 })
  pipe.on('timeout', () => { pipe.destroy(new Error('no answer')) })
  let text = ''
  for await (const chunk of pipe) text += String(chunk)
  return text
}

test('a container on a network of the engine is on it, and the status says which', { skip }, async () => {
  const { id, status, document } = await running('sleep 100', container({ network: 'USER' }, { network_infos: [{ name: network }] }))
  assert.equal(document.HostConfig['NetworkMode'], network)
  assert.equal(status.container_status?.network_infos?.[0]?.name, network)
  await ended(id)
})

test('a network that is not there fails the task by its name', { skip }, async () => {
  const [id = ''] = await framework.launch({ shell: 'true', info: container({ network: 'USER' }, { network_infos: [{ name: 'no-such-network' }] }) })
  const { state, message = '' } = await framework.end(id)
  assert.equal(state, 'TASK_FAILED')
  assert.match(message, /no-such-network/)
})

test('limits, policy and parameters reach the container', { skip }, async () => {
  const parameters = Object.entries({
    'label': 'team=x', 'cap-add': 'NET_ADMIN', 'ulimit': 'nofile=1024:2048',
    'workdir': '/tmp', 'env': 'FROM_PARAM=1', 'tmpfs': '/scratch:size=1m', 'shm-size': '8m',
  }).map(([key, value]) => ({ key, value }))
  const info = { ...container({ parameters }), limits: { cpus: { value: 0.5 }, mem: { value: 64 } } }
  const { id, document: { HostConfig: host, Config: config } } = await running('sleep 100', info)
  const { CpuQuota, Memory, MemoryReservation, PidsLimit, ShmSize, CapAdd } = host
  assert.deepEqual({ CpuQuota, Memory, MemoryReservation, PidsLimit, ShmSize }, {
    CpuQuota: 50_000, Memory: 64 << 20, MemoryReservation: 32 << 20, PidsLimit: 4096, ShmSize: 8 << 20,
  })
  assert.deepEqual(CapAdd, ['CAP_NET_ADMIN'])
  assert.equal(config['WorkingDir'], '/tmp')
  assert.equal((config['Labels'] as Record<string, string>)['team'], 'x')
  await ended(id)
  assert.equal(await said('echo $FROM_PARAM; pwd; ulimit -n; ls -d /scratch', container({ parameters })), '1\n/tmp\n1024\n/scratch\n')
})

test('the user of a command runs in the container, and can write its sandbox', { skip }, async () => {
  const script = 'id -u; echo x > $MESOS_SANDBOX/mine && cat $MESOS_SANDBOX/mine'
  assert.equal(await said(script, { ...container({}), command: { value: `${script}; echo over`, user: '1234' } }), '1234\nx\n')
})

test('what the policy does not allow is refused at once, naming the setting', { skip }, async () => {
  const cases: ReadonlyArray<readonly [Partial<v1.TaskInfo>, string]> = [
    [container({ privileged: true }), '--allow-privileged'], [container({ network: 'HOST' }), '--allow-networks'],
    [container({ parameters: [{ key: 'cap-add', value: 'SYS_ADMIN' }] }), '--allow-capabilities'],
    [container({ parameters: [{ key: 'pid', value: 'host' }] }), '--allow-host-namespaces'],
  ]
  for (const [info, flag] of cases) {
    const [id = ''] = await framework.launch({ shell: 'true', info })
    const { state, message = '' } = await framework.end(id)
    assert.equal(state, 'TASK_ERROR')
    assert.ok(message.includes(`${flag} would allow it`), message)
  }
})
