import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ContainerReport } from '../../../src/cli/container-report.ts'
import { findContainer } from '../../../src/cli/containers.ts'
import { containerReport } from '../../support/container-reports.ts'
import { startFakeMaster } from '../../support/fake-master.ts'

const known = [
  containerReport({ task_id: 'web', container_id: 'aaaa-1', state: 'gone' }),
  containerReport({ task_id: 'web', container_id: 'aaaa-2', framework_id: 'F-0001' }),
  containerReport({ task_id: 'db', task_name: 'database', container_id: 'bbbb-1' }),
  containerReport({ task_id: 'job', container_id: 'cccc-1', state: 'gone' }),
  containerReport({ task_id: 'job', container_id: 'cccc-2', state: 'gone' }),
  containerReport({ task_id: 'twin', container_id: 'dddd-1' }),
  containerReport({ task_id: 'twin', container_id: 'dddd-2', framework_id: 'F-0001' }),
]

async function find (task: string, framework?: string): Promise<ContainerReport> {
  await using master = await startFakeMaster({ onGet: (_request, response) => { response.end(JSON.stringify({ containers: known })) } })
  return await findContainer({ url: master.url, token: undefined }, { task, framework })
}

test('a task is found by id, name, container and beginning of the container\'s id', async () => {
  for (const name of ['db', 'database', 'bbbb-1', 'mesos-c-db', 'bbbb']) assert.equal((await find(name)).container_id, 'bbbb-1', name)
})

test('what is there comes before what has ended, and the newest run before the others', async () => {
  assert.equal((await find('web')).container_id, 'aaaa-2')
  assert.equal((await find('web', 'F-0000')).container_id, 'aaaa-1')
  assert.equal((await find('job')).container_id, 'cccc-2')
})

test('two tasks of one name are AMBIGUOUS until the framework is named, none is NOT_FOUND', async () => {
  await assert.rejects(find('twin'), { code: 'AMBIGUOUS', message: /twin of framework F-0000, or twin of framework F-0001; say which with --framework/ })
  assert.equal((await find('twin', 'F-0001')).container_id, 'dddd-2')
  for (const name of ['nope', 'bb']) await assert.rejects(find(name), { code: 'NOT_FOUND', message: `the agent knows no task '${name}'` })
})
