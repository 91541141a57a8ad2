import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { openCgroups } from '../../workers/cgroup/cgroups.ts'
import { Cli } from '../support/cli-process.ts'
import { askEngine } from '../support/engine-api.ts'
import { engineGround } from '../support/engine-ground.ts'
import { eventually } from '../support/eventually.ts'

interface Document { HostConfig: { Memory: number, CpuShares: number } }
interface State { frameworks: [{ executors: Array<{ resources: object }> }] }
interface Stats { containers: Array<{ usage: { mem_total_bytes: number } }> }
interface Report { engine_id: string, pid: number, cpus: number, mem_bytes: number }

const ground = engineGround({ resources: 'cpus:4;mem:2048;disk:100;ports:[31000-31010]' })
const { socket, skip, image } = ground
const mb = 1 << 20

const run = (...words: string[]): ReturnType<Cli['run']> => new Cli({ SLIPWAY_MASTER: ground.agent.url, SLIPWAY_TOKEN: ground.agent.token }).run(...words)

async function launch (shell: string): Promise<string> {
  const [id = ''] = await ground.framework.launch({ image, network: 'BRIDGE', cpus: 0.5, mem: 64, shell })
  await ground.framework.until(id, 'TASK_RUNNING')
  return id
}

async function report (id: string): Promise<Report> {
  return JSON.parse((await ground.agent.get(`/slipway/v1/containers/${id}`)).text) as Report
}

async function update (id: string, change: object): Promise<{ status: number, text: string }> {
  const body = JSON.stringify({ task_id: id, ...change })
  const answer = await fetch(`${ground.agent.url}/slipway/v1/update`, { method: 'POST', body, headers: { authorization: `Bearer ${ground.agent.token}` } })
  return { status: answer.status, text: await answer.text() }
}

/** What the kernel, the engine and the agent say: MB, shares or weight, MB, shares, MB, cpus. */
async function limitsOf (id: string): Promise<{ kernel: number[], engine: number[], agent: number[] }> {
  const { engine_id: engineId, pid, cpus, mem_bytes: memBytes } = await report(id)
  const found = openCgroups('/').find({ engineId, pid })
  const read = (controller: string, file: string, unifiedFile: string): number => {
    const folder = found?.v1.get(controller)
    return Number(readFileSync(folder === undefined ? `${found?.unified}/${unifiedFile}` : `${folder}/${file}`, 'utf8'))
  }
  const { HostConfig: { Memory, CpuShares } } = await askEngine<Document>(socket, `GET /containers/${engineId}/json`)
  return {
    kernel: [read('memory', 'memory.limit_in_bytes', 'memory.max') / mb, read('cpu', 'cpu.shares', 'cpu.weight')],
    engine: [Memory / mb, CpuShares], agent: [memBytes / mb, cpus],
  }
}

async function end (id: string): Promise<void> {
  await ground.framework.kill(id, 0)
  await ground.framework.end(id)
}

test('limits of a running container go up and down, in the kernel and in the engine\'s record', { skip }, async () => {
  const id = await launch('sleep 1000')
  for (const [change, memMb, cpus] of [[{ mem: 256, cpus: 1 }, 256, 1], [{ mem: 48 }, 48, 1], [{ cpus: 0.25 }, 48, 0.25], [{ mem: 512 }, 512, 0.25]] as const) {
    const { status, text } = await update(id, change)
    assert.equal(status, 200, text)
    const { kernel, engine, agent: told } = await limitsOf(id)
    assert.deepEqual([kernel[0], engine, told], [memMb, [memMb, cpus * 1024], [memMb, cpus]])
    assert.ok(kernel[1] === cpus * 1024 || (kernel[1] ?? 0) < 101)
  }
  assert.equal(await ground.agent.metric('slipway_updates_total{outcome="verified"}'), 4)
  assert.equal(await ground.agent.metric('slipway_updates_total{outcome="differs"}'), 0)
  const { frameworks: [{ executors: [executor] }] } = JSON.parse((await ground.agent.get('/state')).text) as State
  assert.deepEqual({ ...executor?.resources, disk: 0, gpus: 0 }, { disk: 0, gpus: 0, mem: 512, cpus: 0.25 })
  await end(id)
})

test('a limit below what is used is refused with the figures, one beyond the host as well, and nothing changes', { skip }, async () => {
  const id = await launch('dd if=/dev/zero of=/dev/shm/block bs=1M count=48; echo ready; sleep 1000')
  await eventually(async () => {
    const { containers: [one] } = JSON.parse((await ground.agent.get('/slipway/v1/stats')).text) as Stats
    return (one?.usage.mem_total_bytes ?? 0) >= 48 * mb
  }, { withinMs: 20_000, reason: 'a task that uses 48 MB' })
  const low = await update(id, { mem: 40 })
  assert.equal(low.status, 409)
  assert.match(low.text, /a memory limit of 40 MB is below the (4[89]|5\d)[\d.]* MB that it uses/)
  const high = await update(id, { mem: 4096 })
  assert.equal(high.status, 409)
  assert.match(high.text, /mem 4096 of at most 2048/)
  assert.deepEqual((await limitsOf(id)).engine, [64, 512])
  assert.deepEqual((await limitsOf(id)).kernel[0], 64)
  await end(id)
})

test('usage is told as a Mesos agent does, to the command line, and as totals to Prometheus', { skip }, async () => {
  const id = await launch('while :; do :; done')
  for (const path of ['/monitor/statistics', '/monitor/statistics.json', '/containers']) {
    const [entry] = JSON.parse((await ground.agent.get(path)).text) as Array<{ source: string, statistics: Record<string, number> }>
    assert.equal(entry?.source, id)
    assert.equal(entry.statistics['mem_limit_bytes'], 64 * mb)
  }
  const { stdout } = await run('stats', id)
  const cpu = Number(new RegExp(`\\n${id} +([\\d.]+) +0\\.5 +`).exec(stdout)?.[1])
  assert.ok(cpu > 0.2, stdout)
  assert.match((await run('stats', '--json')).stdout, /^\{"containers":\[\{.*"cpu_user_seconds":/)
  assert.ok(await ground.agent.metric('slipway_containers_memory_bytes') > 0)
  assert.ok(await ground.agent.metric('slipway_containers_cpu_seconds_total') > 0)
  assert.equal((await run('update', id, '--mem', '128', '--cpus', '1.5')).stdout, `${id}: cpus 1.5, mem 128 MB\n`)
  const refused = await run('update', id, '--mem', '9000')
  assert.equal(refused.code, 1)
  assert.match(refused.stderr, /mem 9000 of at most/)
  await end(id)
})
