import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test, type TestContext } from 'node:test'
import { openEngine } from '../../src/engine/docker-engine.ts'
import { instanceOf, sandboxOf } from '../support/agent-places.ts'
import { ensureBusybox } from '../support/images.ts'
import { nothingLeft } from '../support/nothing-left.ts'
import { startOwnAgent } from '../support/own-agent.ts'
import { needsEngine } from '../support/requires.ts'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

const { socket, skip } = needsEngine()
const count = 20

test('an agent that is killed over twenty containers and started again adopts them all, and tells how each ends', { skip }, async (t: TestContext) => {
  const image = await ensureBusybox(socket)
  await using agent = await startOwnAgent(socket)
  const instanceId = instanceOf(agent.workDir)
  const framework = await agent.subscribe()
  // A third ends well by itself while there is no agent, a third badly; the rest is killed afterwards.
  const shells = Array.from({ length: count }, (_, at) => ({
    image, cpus: 0.01, mem: 32, shell: [`sleep 1000 & trap 'exit 0' USR1; wait`, `sleep 1000 & trap 'exit ${at}' USR1; wait`, 'exec sleep 1000'][at % 3] ?? '',
  }))
  const ids = await framework.launch(...shells)
  for (const id of ids) await framework.until(id, 'TASK_RUNNING')
  await agent.kill('SIGKILL')
  const engine = openEngine({ socketPath: socket })
  const listed = await engine.list(`slipway.agent=${instanceId}`, AbortSignal.timeout(10_000))
  assert.deepEqual(listed.map(({ state }) => state), ids.map(() => 'running'))
  const nameOf = (id: string): string => `mesos-${framework.statuses.get(id)?.[0]?.container_status?.container_id?.value}`
  const command = { argv: ['kill', '-USR1', '1'], environment: {} }
  const ending = ids.filter((_, at) => at % 3 < 2)
  await Promise.all(ending.map(id => engine.exec(nameOf(id), command, AbortSignal.timeout(30_000)).catch(() => {})))

  const startedAt = performance.now()
  await agent.start()
  t.diagnostic(`from exec to /health 200 over ${count} containers: ${Math.round(performance.now() - startedAt)} ms`)
  const again = await agent.subscribe({ id: { value: framework.frameworkId } })
  for (const [at, id] of ids.entries()) {
    if (at % 3 === 2) await again.kill(id)
    const { state, message = '' } = await again.end(id)
    assert.equal(state, ['TASK_FINISHED', 'TASK_FAILED', 'TASK_KILLED'][at % 3], message)
    if (at % 3 === 1) assert.match(message, new RegExp(`exited with status ${at}`))
  }
  await nothingLeft(socket, instanceId)
})

const writers = {
  numbered: 'i=0; while [ $i -lt 900 ]; do echo line $i; echo error $i >&2; i=$((i+1)); sleep 0.01; done',
  identical: 'for i in $(seq 100); do yes | head -c 6000; sleep 0.1; done',
  random: 'for i in $(seq 80); do head -c 50000 /dev/urandom; sleep 0.12; done',
} as const
const hashed = (line: string): string => `{ ${line}; } | busybox tee /tmp/copy; busybox sha256sum < /tmp/copy > $MESOS_SANDBOX/sum`

test('what containers write over three kills of the agent is in their sandboxes, byte for byte and once', { skip, timeout: 180_000 }, async () => {
  const image = await ensureBusybox(socket)
  await using agent = await startOwnAgent(socket)
  const instanceId = instanceOf(agent.workDir)
  const framework = await agent.subscribe()
  const ids = await framework.launch(...Object.entries(writers).map(([id, line]) => ({ id, image, cpus: 0.01, mem: 64, shell: hashed(line) })))
  for (const id of ids) await framework.until(id, 'TASK_RUNNING')
  let last = framework
  for (let kills = 0; kills < 3; kills++) {
    await agent.kill('SIGKILL')
    await agent.start()
    last = await agent.subscribe({ id: { value: framework.frameworkId } })
  }
  for (const id of ids) assert.equal((await last.end(id)).state, 'TASK_FINISHED')
  await nothingLeft(socket, instanceId)
  for (const id of ids) {
    const sandbox = sandboxOf(agent.workDir, framework.frameworkId, id)
    const [sum] = (await readFile(join(sandbox, 'sum'), 'utf8')).split(/\s+/)
    assert.equal(createHash('sha256').update(await readFile(join(sandbox, 'stdout'))).digest('hex'), sum, id)
    if (id === 'numbered') assert.equal(await readFile(join(sandbox, 'stderr'), 'utf8'), Array.from({ length: 900 }, (_, i) => `error ${i}\n`).join(''))
  }
})
