import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { openCgroups } from '../../workers/cgroup/cgroups.ts'
import { instanceOf } from '../support/agent-places.ts'
import { askEngine } from '../support/engine-api.ts'
import { eventually } from '../support/eventually.ts'
import { ensureBusybox } from '../support/images.ts'
import { nothingLeft } from '../support/nothing-left.ts'
import { startOwnAgent, type OwnAgent } from '../support/own-agent.ts'
import { needsEngine } from '../support/requires.ts'

interface Report { readonly engine_id: string, readonly pid: number, readonly mem_bytes: number, readonly cpus: number }

const { socket, skip } = needsEngine()
const mb = 1 << 20

for (const [name, before, wanted, kept] of [['more', 64, 256, 256], ['less', 256, 64, 256]] as const) {
  test(`an agent that dies when kernel and engine have ${name} memory, and its record does not, leaves the next one limits that agree`, { skip }, async () => {
    const image = await ensureBusybox(socket)
    const folder = await mkdtemp(join(tmpdir(), 'slipway-update-'))
    const plan = join(folder, 'plan')
    const file = fileURLToPath(new URL('../support/crash-agent.js', import.meta.url))
    await using agent = await startOwnAgent(socket, {}, { file, env: { CRASH_PLAN: plan, CRASH_RECORD: join(folder, 'record') } })
    const framework = await agent.subscribe()
    const [id = ''] = await framework.launch({ image, network: 'BRIDGE', cpus: 0.5, mem: before, shell: 'sleep 1000' })
    await framework.until(id, 'TASK_RUNNING')
    await eventually(async () => await agent.metric('slipway_status_updates_pending') === 0)
    await writeFile(plan, JSON.stringify({ round: 1, label: 'container running', nth: 2, when: 'before' }))
    await agent.post('/slipway/v1/update', { task_id: id, mem: wanted }).catch(() => {})
    await eventually(() => agent.hasEnded())
    await rm(folder, { recursive: true })

    await agent.start()
    await eventually(async () => { assert.deepEqual(await memoryOf(agent, id), { agent: kept, engine: kept, kernel: kept }) }, { withinMs: 30_000 })
    const again = await agent.subscribe({ id: { value: framework.frameworkId } })
    await again.kill(id, 0)
    assert.equal((await again.end(id)).state, 'TASK_KILLED')
    await nothingLeft(socket, instanceOf(agent.workDir))
  })
}

/** In MB, as the three of them have it. */
async function memoryOf (agent: OwnAgent, id: string): Promise<Record<'agent' | 'engine' | 'kernel', number>> {
  const report = JSON.parse((await agent.get(`/slipway/v1/containers/${id}`)).text) as Report
  const found = openCgroups('/').find({ engineId: report.engine_id, pid: report.pid })
  const v1 = found?.v1.get('memory')
  const limit = Number(readFileSync(v1 === undefined ? `${found?.unified}/memory.max` : `${v1}/memory.limit_in_bytes`, 'utf8'))
  const { HostConfig: { Memory } } = await askEngine<{ HostConfig: { Memory: number } }>(socket, `GET /containers/${report.engine_id}/json`)
  return { agent: report.mem_bytes / mb, engine: Memory / mb, kernel: limit / mb }
}
