import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { v1 } from '../../src/wire/messages.ts'
import { eventually } from '../support/eventually.ts'
import { ensureBusybox } from '../support/images.ts'
import { clusterResources, clusterSettings, framework, shellTask } from '../support/mesos-master/cluster-ground.ts'
import { TestMaster } from '../support/mesos-master/test-master.ts'
import { nothingLeft } from '../support/nothing-left.ts'
import { needsEngine } from '../support/requires.ts'
import { startTestAgent } from '../support/test-agent.ts'

const { socket, skip } = needsEngine()

const volume: v1.Resource = {
  name: 'disk', type: 'SCALAR', scalar: { value: 100 }, reservations: [{ type: 'DYNAMIC', role: 'eng/dev', principal: 'p' }],
  disk: { persistence: { id: 'v1' }, volume: { container_path: 'data', mode: 'RW' } },
}

test('what a task leaves in a persistent volume, the next one finds, whoever it runs as; destroyed, it is gone', { skip }, async () => {
  const image = await ensureBusybox(socket)
  await using master = await TestMaster.start()
  await using agent = await startTestAgent(socket, clusterSettings(master))
  await master.registered()
  const place = join(agent.workDir, 'volumes', 'roles', 'eng dev', 'v1')
  const run = async (id: string, line: string, user: string, as: v1.Resource = volume): Promise<string> => {
    const resources = [...clusterResources(0.1, 32), { ...as, allocation_info: { role: 'eng/dev' } }]
    master.run(shellTask(id, line, { resources, command: { value: line, user }, container: { type: 'DOCKER', docker: { image, network: 'HOST' } } }), framework)
    await master.reaches(id, 'TASK_FINISHED', 60_000)
    const runs = join(agent.workDir, 'slaves', master.agentId ?? '', 'frameworks', 'f1', 'executors', id, 'runs', 'latest')
    return await eventually(() => readFileSync(join(runs, 'stdout'), 'utf8') || false)
  }
  master.send('internal.CheckpointResourcesMessage', { resources: [volume] })
  assert.equal(await run('writes', 'echo precious > $MESOS_SANDBOX/data/file && id -u', '1234'), '1234\n')
  assert.equal(readFileSync(join(place, 'file'), 'utf8'), 'precious\n')
  const readOnly: v1.Resource = { ...volume, disk: { persistence: { id: 'v1' }, volume: { container_path: '/mnt/db', mode: 'RO' } } }
  assert.equal(await run('reads', 'cat /mnt/db/file; touch /mnt/db/other 2>/dev/null || echo read-only', '0', readOnly), 'precious\nread-only\n')
  master.send('internal.CheckpointResourcesMessage', { resources: [] })
  await eventually(() => !existsSync(place))
  await nothingLeft(socket, agent.instanceId)
})
