import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { openEngine } from '../../src/engine/docker-engine.ts'
import { labels } from '../../src/model/container-spec.ts'
import type { v1 } from '../../src/wire/messages.ts'
import { sandboxOf } from '../support/agent-places.ts'
import { askEngine, callEngine } from '../support/engine-api.ts'
import { eventually } from '../support/eventually.ts'
import { ensureBusybox } from '../support/images.ts'
import { nothingLeft } from '../support/nothing-left.ts'
import { needsEngine } from '../support/requires.ts'
import { startTestAgent, type TestAgent } from '../support/test-agent.ts'
import type { TaskWish, TestFramework } from '../support/test-framework.ts'

const { socket, skip } = needsEngine()
const shared = `slipway-test-shared-${process.pid}`
const forWhileMs = 30_000
let agent: TestAgent
let image: string

before(async () => {
  if (skip !== false) return
  image = await ensureBusybox(socket)
  await askEngine(socket, 'POST /networks/create', { body: { Name: shared, Driver: 'bridge', Labels: { 'slipway-test': 'networks' } } })
  agent = await startTestAgent(socket, { allowNetworks: shared, createNetworks: 'peers-*' })
})

after(async () => {
  if (skip !== false) return
  await nothingLeft(socket, agent.instanceId)
  await agent[Symbol.asyncDispose]()
  await callEngine(socket, `DELETE /networks/${shared}`)
})

const scalar = (name: string, value: number): v1.Resource => ({ name, type: 'SCALAR', scalar: { value } })

function on (network: string, shell: string, more: Partial<v1.TaskInfo> = {}): TaskWish {
  const container: v1.ContainerInfo = { type: 'DOCKER', docker: { image, network: 'USER' }, network_infos: [{ name: network }] }
  return { shell, graceMs: 0, info: { resources: [scalar('cpus', 0.1), scalar('mem', 32)], container, ...more } }
}

const called = (name: string): Partial<v1.TaskInfo> => ({ discovery: { visibility: 'FRAMEWORK', name } })

async function start (framework: TestFramework, wish: TaskWish): Promise<{ id: string, address: string }> {
  const [id = ''] = await framework.launch(wish)
  const address = await eventually(async () => {
    await framework.until(id, 'TASK_RUNNING')
    const info = framework.statuses.get(id)?.find(({ data }) => data !== undefined)?.container_status?.network_infos?.[0]
    return info?.ip_addresses?.[0]?.ip_address ?? false
  }, { withinMs: forWhileMs, reason: `the address of ${id}` })
  return { id, address }
}

async function stop (framework: TestFramework, ...ids: string[]): Promise<void> {
  for (const id of ids) await framework.kill(id, 0)
  for (const id of ids) await framework.end(id)
}

/** Says again and again, in one line each, under which addresses it finds this name. */
function finding (name: string): string {
  const addresses = String.raw`s/^Address[ 0-9]*: *\([0-9.]*\)\( .*\)\{0,1\}$/\1/p`
  const found = `$b nslookup ${name} 127.0.0.11 2>/dev/null | $b sed -n '${addresses}' | $b grep -v 127.0.0.11 | $b sort`
  return `b=/bin/busybox; while :; do echo ":" $(${found}); $b sleep 0.2; done`
}

/** What the task found last is exactly these addresses. */
async function finds (framework: TestFramework, taskId: string, ...addresses: string[]): Promise<void> {
  await eventually(async () => {
    const lines = (await readFile(join(sandboxOf(agent.workDir, framework.frameworkId, taskId), 'stdout'), 'utf8')).trim().split('\n')
    assert.equal(lines.at(-1), [':', ...addresses.sort()].join(' '))
  }, { withinMs: forWhileMs, reason: `that ${taskId} finds ${addresses.join(' and ')}` })
}

async function noNetworks (): Promise<void> {
  const engine = openEngine({ socketPath: socket })
  await eventually(async () => {
    assert.deepEqual(await engine.listNetworks(`${labels.agent}=${agent.instanceId}`, AbortSignal.timeout(5_000)), [])
  }, { withinMs: forWhileMs, reason: 'an engine without networks of ours' })
}

test('a peer that was killed and launched again with another address is found under its name', { skip }, async () => {
  const framework = await agent.subscribe('relaunch')
  const seeker = await start(framework, on('peers-one', finding('web')))
  const first = await start(framework, on('peers-one', 'sleep 1000', called('web')))
  await finds(framework, seeker.id, first.address)
  await stop(framework, first.id)
  await finds(framework, seeker.id)
  const filler = await start(framework, on('peers-one', 'sleep 1000'))       // takes the address that was set free, should the engine give it away at once
  const second = await start(framework, on('peers-one', 'sleep 1000', called('web')))
  await finds(framework, seeker.id, second.address)
  const third = await start(framework, on('peers-one', 'sleep 1000', { labels: { labels: [{ key: 'slipway.alias', value: 'web' }] }, ...called('other') }))
  await finds(framework, seeker.id, second.address, third.address)
  assert.notEqual(first.address, second.address)
  await stop(framework, seeker.id, filler.id, second.id, third.id)
  await noNetworks()
})

test('two frameworks with one alias on one network\'s name each find their own', { skip }, async () => {
  const [a, b] = [await agent.subscribe('a'), await agent.subscribe('b')]
  const webs = [await start(a, on('peers-two', 'sleep 1000', called('web'))), await start(b, on('peers-two', 'sleep 1000', called('web')))] as const
  const seekers = [await start(a, on('peers-two', finding('web'))), await start(b, on('peers-two', finding(`web.${b.frameworkId}`)))] as const
  assert.notEqual(webs[0].address, webs[1].address)
  await finds(a, seekers[0].id, webs[0].address)
  await finds(b, seekers[1].id, webs[1].address)
  const status = a.statuses.get(webs[0].id)?.at(-1)
  assert.equal(status?.container_status?.network_infos?.[0]?.name, 'peers-two', 'as the task calls it')
  await stop(a, webs[0].id, seekers[0].id)
  await stop(b, webs[1].id, seekers[1].id)
  await noNetworks()
})

test('on a network that somebody made, frameworks find each its own under the qualified name, and nobody has the plain one', { skip }, async () => {
  const [a, b] = [await agent.subscribe('c'), await agent.subscribe('d')]
  const webs = [await start(a, on(shared, 'sleep 1000', called('web'))), await start(b, on(shared, 'sleep 1000', called('web')))] as const
  const wishes = [`web.${a.frameworkId}`, `web.${b.frameworkId}`, 'web'].map(name => on(shared, finding(name)))
  const seekers = [await start(a, wishes[0]!), await start(b, wishes[1]!), await start(a, wishes[2]!)] as const
  await finds(a, seekers[0].id, webs[0].address)
  await finds(b, seekers[1].id, webs[1].address)
  await finds(a, seekers[2].id)
  await stop(a, webs[0].id, seekers[0].id, seekers[2].id)
  await stop(b, webs[1].id, seekers[1].id)
  assert.equal((await callEngine(socket, `GET /networks/${shared}`)).status, 200, 'what is not ours stays')
})
