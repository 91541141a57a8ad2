import assert from 'node:assert/strict'
import { test } from 'node:test'
import { persistentVolumes } from '../../../../src/agent/reserved/persistent-volumes.ts'
import { refuseBeyondExecutor } from '../../../../src/agent/executors/beyond-executor.ts'
import { taskToSpec } from '../../../../src/agent/task-to-spec.ts'
import { settings, taskInfo } from '../task-infos.ts'
import { reservedFor, scalar, volume } from './resources.ts'

const sandbox = { hostPath: '/srv/slaves/S0/c1', containerPath: '/mnt/mesos/sandbox' }

test('a persistent volume is mounted where its resource says, a relative path being in the sandbox', () => {
  const [relative, absolute] = persistentVolumes([scalar('cpus', 1), volume('v1', 10), volume('v2', 10, 'eng/dev', '/var/lib/db')], sandbox, '/srv')
  assert.deepEqual(relative, {
    kind: 'bind', isPersistent: true, hostPath: '/srv/volumes/roles/web/v1', within: ['/srv/volumes/roles'],
    containerPath: '/mnt/mesos/sandbox/data', readOnly: false, field: 'resources[1].disk.volume',
  })
  assert.deepEqual([absolute?.kind === 'bind' && absolute.hostPath, absolute?.containerPath], ['/srv/volumes/roles/eng dev/v2', '/var/lib/db'])
})

test('reserved disk without a volume is nothing to mount', () => {
  assert.deepEqual(persistentVolumes([scalar('disk', 10, reservedFor('web'))], sandbox, '/srv'), [])
  assert.deepEqual(persistentVolumes([{ ...volume('v1', 10), disk: { persistence: { id: 'v1' } } }], sandbox, '/srv'), [])
})

test('a volume that leads out, has a source, or is in the place of another is refused with its field', () => {
  const into = (path: string): void => { persistentVolumes([volume('v1', 10, 'web', path)], sandbox, '/srv') }
  for (const path of ['../x', '/', '']) assert.throws(() => { into(path) }, /resources\[0\]\.disk\.volume/, path)
  const withSource = { ...volume('v1', 10), disk: { persistence: { id: 'v1' }, volume: { container_path: 'd', host_path: '/etc', mode: 'RW' as const } } }
  assert.throws(() => persistentVolumes([withSource], sandbox, '/srv'), /disk\.volume/)
  const twice = taskInfo({ resources: [scalar('cpus', 1), scalar('mem', 32), volume('v1', 10), volume('v2', 10)] })
  assert.throws(() => taskToSpec(twice, 'f1', 'c1', { ...settings, workDir: '/srv' }), /resources\[3\]\.disk\.volume\.container_path.*resources\[2\]/)
})

test('where no master makes volumes a task with one is refused, and so is a task of an executor', () => {
  const task = taskInfo({ resources: [scalar('cpus', 1), scalar('mem', 32), volume('v1', 10)] })
  assert.throws(() => taskToSpec(task, 'f1', 'c1', settings), { code: 'NOT_SUPPORTED' })
  assert.throws(() => { refuseBeyondExecutor(task) }, { code: 'NOT_SUPPORTED' })
  const { volumes } = taskToSpec(task, 'f1', 'c1', { ...settings, workDir: '/srv' })
  assert.equal(volumes?.at(-1)?.containerPath, '/mnt/mesos/sandbox/data')
})
