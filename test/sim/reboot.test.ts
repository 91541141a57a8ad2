import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { eventually } from '../support/eventually.ts'
import { startOwnAgent } from '../support/own-agent.ts'
import { startSimEngine } from '../support/sim-engine.ts'

const file = fileURLToPath(new URL('../support/rebooted-agent.js', import.meta.url))

test('a host that was rebooted is told as the reason where nobody knows how a container ended; what is known is told as it was', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-boot-'))
  const bootIdFile = join(folder, 'boot_id')
  const boot = (id: string): void => { writeFileSync(bootIdFile, `${id}\n`) }
  boot('first')
  await using engine = await startSimEngine()
  await using agent = await startOwnAgent(engine.socket, {}, { file, env: { BOOT_ID_FILE: bootIdFile } })
  const framework = await agent.subscribe()
  const ids = await framework.launch(...Array.from({ length: 4 }, () => ({ shell: 'sleep 1000' })))
  for (const id of ids) await framework.until(id, 'TASK_RUNNING')
  const names = ids.map(id => `mesos-${framework.statuses.get(id)?.[0]?.container_status?.container_id?.value}`)
  await agent.kill('SIGKILL')
  boot('second')
  for (const [at, status] of [255, 143, 0, 255].entries()) await engine.exit(names[at] ?? '', status)
  await agent.start()
  await agent.kill('SIGKILL')          // the second run of one boot knows of the first boot as well
  await agent.start()
  const again = await agent.subscribe({ id: { value: framework.frameworkId } })
  const ends = await Promise.all(ids.map(id => again.end(id)))
  assert.deepEqual(ends.map(({ state }) => state), ['TASK_FAILED', 'TASK_FAILED', 'TASK_FINISHED', 'TASK_FAILED'])
  for (const at of [0, 3]) {
    assert.match(ends[at]?.message ?? '', /Failed to get exit status of container: the host was rebooted while it ran/)
    assert.deepEqual(ends[at]?.labels?.labels, [{ key: 'slipway.error_code', value: 'HOST_REBOOTED' }])
  }
  assert.match(ends[1]?.message ?? '', /exited with status 143/)
  await eventually(async () => { assert.deepEqual(await engine.containers(), []) })
  const [after = ''] = await again.launch({ shell: 'sleep 1000' })
  await again.until(after, 'TASK_RUNNING')
  rmSync(folder, { recursive: true })
})
