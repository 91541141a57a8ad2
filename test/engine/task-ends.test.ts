import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { test, type TestContext } from 'node:test'
import type { v1 } from '../../src/wire/messages.ts'
import { engineGround } from '../support/engine-ground.ts'
import { eventually } from '../support/eventually.ts'

const ground = engineGround({ exitPollInterval: '3s' })
const { skip, image } = ground

function percentile (values: readonly number[], share: number): number {
  return [...values].sort((a, b) => a - b)[Math.ceil(values.length * share) - 1] ?? NaN
}

test('the end of a container is told within a second, at the 99th of a hundred', { skip }, async (t: TestContext) => {
  const count = 100
  // Some end while others are launched. Each says by the clock that counts for all alike when it does.
  const shell = (at: number): string => `sleep ${(2 + at / 10).toFixed(1)}; read up rest < /proc/uptime; echo $up`
  const ids = await ground.framework.launch(...Array.from({ length: count }, (_, at) => ({ id: `end-${at}`, image, cpus: 0.01, mem: 16, shell: shell(at) })))
  const ends: v1.TaskStatus[] = []
  for (const id of ids) ends.push(await ground.framework.end(id))
  const clockMs = Date.now() - Number((await readFile('/proc/uptime', 'utf8')).split(' ')[0]) * 1000
  const lags = await Promise.all(ends.map(async ({ task_id: { value: id }, timestamp = 0, state }) => {
    assert.equal(state, 'TASK_FINISHED')
    const saidAt = await eventually(async () => Number(await ground.read(id)) || false)
    return timestamp * 1000 - (clockMs + saidAt * 1000)
  }))
  const [p50, p99] = [percentile(lags, 0.5), percentile(lags, 0.99)]
  t.diagnostic(`from the last word of a container to its TASK_FINISHED: p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms`)
  assert.ok(p99 < 1_000, `p99 is ${p99} ms`)
})

test('a container that allocates past its limit is told as out of memory, with the limit that it had at that time', { skip }, async () => {
  const eat = 'x=a; while true; do x=$x$x$x; done'
  const end = await ground.framework.run({ image, mem: 32, shell: eat })
  assert.deepEqual([end.state, end.reason, end.source], ['TASK_FAILED', 'REASON_CONTAINER_LIMITATION_MEMORY', 'SOURCE_AGENT'])
  assert.match(end.message ?? '', /limit of 32 MB\. Container exited with status 137 \(SIGKILL\)$/)
  assert.deepEqual(end.limitation, { resources: [{ name: 'mem', type: 'SCALAR', scalar: { value: 32 } }] })

  const [id = ''] = await ground.framework.launch({ image, mem: 32, shell: `while [ ! -e $MESOS_SANDBOX/go ]; do sleep 0.1; done; ${eat}` })
  await ground.framework.until(id, 'TASK_RUNNING')
  const headers = { authorization: `Bearer ${ground.agent.token}` }
  const updated = await fetch(`${ground.agent.url}/slipway/v1/update`, { method: 'POST', headers, body: JSON.stringify({ task_id: id, mem: 48 }) })
  assert.equal(updated.status, 200, await updated.text())
  await writeFile(ground.inSandbox(id, 'go'), '')
  const later = await ground.framework.end(id)
  assert.equal(later.reason, 'REASON_CONTAINER_LIMITATION_MEMORY')
  assert.match(later.message ?? '', /limit of 48 MB/)
})
