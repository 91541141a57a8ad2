import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { v1 } from '../../src/wire/messages.ts'
import { askEngine } from '../support/engine-api.ts'
import { engineGround } from '../support/engine-ground.ts'
import { eventually } from '../support/eventually.ts'

const resources = 'cpus:8;mem:8192;disk:100;gpus:2;ports:[31000-31010]'
const ground = engineGround({ resources, cgroupsEnableCfs: 'true', allowUsers: '1000' })
const { socket, skip, image } = ground

function container (more: Partial<v1.ContainerInfo>): Partial<v1.TaskInfo> {
  return { container: { type: 'DOCKER', docker: { image, network: 'NONE' }, ...more } }
}

/** What it wrote to stdout. */
async function said (shell: string, info: Partial<v1.TaskInfo>): Promise<string> {
  const [id = ''] = await ground.framework.launch({ shell: `${shell}; echo over`, info })
  const end = await ground.framework.end(id)
  assert.equal(end.state, 'TASK_FINISHED', end.message)
  return await eventually(async () => {
    const output = await ground.read(id)
    return /over\r?\n$/.test(output) && output.replace(/over\r?\n$/, '')
  })
}

test('a task that asks for a terminal has one, and its output is in the sandbox as the terminal gave it', { skip }, async () => {
  const script = '[ -t 1 ] && echo terminal || echo none; echo second >&2'
  assert.equal(await said(script, container({ tty_info: {} })), 'terminal\r\nsecond\r\n')
  assert.equal(await said(script, container({})), 'none\n')
})

test('limits of processes reach the container', { skip }, async () => {
  const rlimits: v1.RLimitInfo_RLimit[] = [{ type: 'RLMT_NOFILE', soft: 100, hard: 200 }, { type: 'RLMT_CORE', soft: 0, hard: 0 }]
  assert.equal(await said('ulimit -Sn; ulimit -Hn; ulimit -c', container({ rlimit_info: { rlimits } })), '100\n200\n0\n')
})

test('a task that wants GPUs of an engine that has none fails in stage start, in the engine\'s words', { skip }, async () => {
  const resources = [['cpus', 0.1], ['mem', 32], ['gpus', 2]].map(([name, value]) => ({ name, type: 'SCALAR', scalar: { value } }) as v1.Resource)
  const end = await ground.framework.run({ image, shell: 'true', info: { resources } })
  assert.equal(end.state, 'TASK_FAILED')
  assert.match(end.message ?? '', /start failed: .*(gpu|nvidia|cdi)/i)
  await eventually(() => ground.framework.offers.some(offer => offer.resources?.some(({ name, scalar }) => name === 'gpus' && scalar?.value === 2)))
})

test('a user that the operator does not allow is refused, naming the setting', { skip }, async () => {
  assert.equal(await said('id -u', { command: { value: 'id -u; echo over', user: '1000' }, ...container({}) }), '1000\n')
  const end = await ground.framework.run({ info: { command: { value: 'true', user: 'root' }, ...container({}) } })
  assert.equal(end.state, 'TASK_ERROR')
  assert.equal(end.message, 'command.user: the user root is not allowed; --allow-users would allow it')
})

test('the quota of a task that is held to its CPUs is compared, and goes up and down with them', { skip }, async () => {
  const [id = ''] = await ground.framework.launch({ image, cpus: 0.5, shell: 'sleep 1000', network: 'NONE' })
  await ground.framework.until(id, 'TASK_RUNNING')
  const { engine_id: engineId } = JSON.parse((await ground.agent.get(`/slipway/v1/containers/${id}`)).text) as { engine_id: string }
  for (const cpus of [0.25, 2]) {
    const headers = { authorization: `Bearer ${ground.agent.token}` }
    const answer = await fetch(`${ground.agent.url}/slipway/v1/update`, { method: 'POST', headers, body: JSON.stringify({ task_id: id, cpus }) })
    assert.equal(answer.status, 200, await answer.text())
    const { HostConfig: { CpuQuota } } = await askEngine<{ HostConfig: { CpuQuota: number } }>(socket, `GET /containers/${engineId}/json`)
    assert.equal(CpuQuota, cpus * 100_000)
  }
  assert.equal(await ground.agent.metric('slipway_updates_total{outcome="verified"}'), 2)
  for (const series of ['slipway_updates_total{outcome="differs"}', 'slipway_isolations_total{finding="differs"}']) {
    assert.equal(await ground.agent.metric(series), 0)
  }
  await ground.framework.kill(id, 0)
  await ground.framework.end(id)
})
