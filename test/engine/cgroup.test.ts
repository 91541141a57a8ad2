import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { silentLog } from '../../src/base/log.ts'
import type { ContainerUsage } from '../../src/model/container-usage.ts'
import { AgentError } from '../../src/model/errors.ts'
import type { KnownContainer } from '../../src/pool/jobs.ts'
import { startPool, type Pool } from '../../src/pool/pool.ts'
import { openCgroups } from '../../workers/cgroup/cgroups.ts'
import { askEngine, callEngine } from '../support/engine-api.ts'
import { eventually } from '../support/eventually.ts'
import { ensureBusybox } from '../support/images.ts'
import { needsEngine } from '../support/requires.ts'

const { socket, skip } = needsEngine()
const calm = new AbortController().signal
const made: string[] = []
let pool: Pool

before(() => {
  const entry = new URL('../../workers/cgroup/entry.js', import.meta.url)
  pool = startPool({ name: 'cgroup', entry, threads: 1, jobsPerThread: 8, cancelMs: 5_000, log: silentLog })
})

after(async () => {
  await pool[Symbol.asyncDispose]()
  for (const id of made) await callEngine(socket, `DELETE /containers/${id}?force=true&v=true`)
})

interface Seen { State: { Pid: number, Running: boolean } }

async function run (script: string, hostConfig: object): Promise<KnownContainer & { readonly pid: number }> {
  const Image = await ensureBusybox(socket)
  const body = { Image, Cmd: ['sh', '-c', script], HostConfig: hostConfig }
  const { Id } = await askEngine<{ Id: string }>(socket, 'POST /containers/create', { body })
  made.push(Id)
  await askEngine(socket, `POST /containers/${Id}/start`)
  const { State } = await askEngine<Seen>(socket, `GET /containers/${Id}/json`)
  return { engineId: Id, pid: State.Pid }
}

async function usageOf (...containers: KnownContainer[]): Promise<Array<ContainerUsage | undefined>> {
  return await pool.run('usage', { containers }, calm)
}

/** The kernel's own figure, by the path that the process itself tells. */
function kernelNumber ({ engineId, pid }: KnownContainer, controller: string, fileOfV1: string, fileOfV2: string): number {
  const folders = openCgroups('/').find({ engineId, pid })
  const folder = folders?.v1.get(controller)
  return Number(readFileSync(folder === undefined ? `${folders?.unified}/${fileOfV2}` : `${folder}/${fileOfV1}`, 'utf8'))
}

const halfCpu = { CpuShares: 512, NanoCpus: 300_000_000, Memory: 64 << 20, NetworkMode: 'bridge' }

test('the limits of a running container are verified, and others are told as differences', { skip }, async () => {
  const container = await run('sleep 1000', halfCpu)
  const right = await pool.run('isolate', { ...container, limits: { cpuShares: 512, memoryBytes: 64 << 20 } }, calm)
  assert.deepEqual(right.differs, [])
  assert.equal(right.verified.filter(file => /^(memory\.(limit_in_bytes|max)|cpu\.(shares|weight))$/.test(file)).length, 2)

  const wrong = await pool.run('isolate', { ...container, limits: { cpuShares: 1024, memoryBytes: 32 << 20 } }, calm)
  assert.equal(wrong.differs.length, 2)
  assert.ok(wrong.differs.some(({ expected, actual }) => expected === `${32 << 20}` && actual === `${64 << 20}`))
})

test('usage is what the kernel and the engine say', { skip }, async () => {
  const work = 'i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; dd if=/dev/zero of=/dev/shm/block bs=1M count=16'
  const container = await run(`${work}; sleep 1000 & sleep 1000 & sleep 1000`, halfCpu)
  const usage = await eventually(async () => {
    const [read] = await usageOf(container)
    const isQuiet = read?.memTotalBytes === kernelNumber(container, 'memory', 'memory.usage_in_bytes', 'memory.current')
    return read?.processes === 3 && isQuiet && read
  }, { withinMs: 60_000, reason: 'a container that has done its work, its memory as the kernel says' })

  assert.equal(usage.memLimitBytes, 64 << 20)
  assert.ok((usage.memCacheBytes ?? 0) >= 16 << 20, 'what is in /dev/shm is cache')
  assert.ok((usage.memPeakBytes ?? Infinity) >= usage.memTotalBytes!)
  assert.equal(usage.threads, kernelNumber(container, 'pids', 'pids.current', 'pids.current'))
  assert.equal(usage.oomKills, 0)
  assert.ok((usage.nrThrottled ?? 0) > 0 && usage.nrThrottled! <= usage.nrPeriods!)
  assert.ok(usage.throttledSeconds! > 0)
  const table = readFileSync(`/proc/${container.pid}/net/dev`, 'utf8')
  assert.equal(usage.netRxBytes, Number(/eth0:\s*(\d+)/.exec(table)?.[1]))

  const cpuSeconds = usage.cpuUserSeconds! + usage.cpuSystemSeconds!
  const call = `GET /containers/${container.engineId}/stats?stream=false&one-shot=true`
  const stats = await askEngine<{ cpu_stats: { cpu_usage: { total_usage: number } } }>(socket, call)
  const engineSeconds = stats.cpu_stats.cpu_usage.total_usage / 1e9
  assert.ok(Math.abs(cpuSeconds - engineSeconds) < 0.05, `${cpuSeconds} s, by the engine ${engineSeconds} s`)
})

test('a container that runs out of memory tells its OOM kills and its peak', { skip }, async () => {
  const limits = { Memory: 16 << 20, MemorySwap: 16 << 20 }
  const container = await run('sh -c "dd if=/dev/zero of=/dev/null bs=100M count=1"; sleep 1000', limits)
  const usage = await eventually(async () => {
    const [read] = await usageOf(container)
    return (read?.oomKills ?? 0) > 0 && read
  }, { withinMs: 30_000, reason: 'an OOM kill' })
  assert.ok((usage?.memPeakBytes ?? Infinity) > 15 << 20)
})

test('on host networking the host\'s counters are not the container\'s', { skip }, async () => {
  const container = await run('sleep 1000', { NetworkMode: 'host' })
  const [usage] = await usageOf(container)
  assert.equal(usage?.processes, 1)
  assert.equal(usage.netRxBytes, undefined)
})

test('one that is removed while it is read is gone, and does not keep the others from being told', { skip }, async () => {
  const staying = await run('sleep 1000', {})
  const going = await run('sleep 1000', {})
  assert.deepEqual((await usageOf(going, staying)).map(usage => usage?.processes), [1, 1])
  let isGone = false
  const removal = callEngine(socket, `DELETE /containers/${going.engineId}?force=true`).then(() => { isGone = true })
  let passes = 0
  for (; !isGone; passes++) {
    const [before, between] = await usageOf(staying, going, staying)
    assert.equal(before?.processes, 1)
    if (between !== undefined) assert.ok(between.memTotalBytes !== undefined)
    await nextTurn()
  }
  await removal
  assert.ok(passes > 0)
  assert.deepEqual((await usageOf(going, staying)).map(usage => usage?.processes), [undefined, 1])
  await assert.rejects(pool.run('isolate', { ...going, limits: { cpuShares: 2, memoryBytes: 4096 } }, calm),
    (error: AgentError) => error instanceof AgentError && error.code === 'NOT_FOUND')
})
