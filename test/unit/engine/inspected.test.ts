import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ContainerInspectInfo } from 'dockerode'
import { toInspected } from '../../../src/engine/inspected.ts'

function documentOf (state: object, networks: object = {}): ContainerInspectInfo {
  return {
    Id: 'e1',
    State: {
      Status: 'exited', Running: false, Pid: 0, ExitCode: 137, OOMKilled: true, Error: '',
      StartedAt: '1970-01-01T00:00:01.234567891Z', FinishedAt: '0001-01-01T00:00:00Z', ...state,
    },
    NetworkSettings: { Networks: networks },
  } as unknown as ContainerInspectInfo
}

test('an inspect document tells state, exit and its own text', () => {
  const document = documentOf({ Error: 'why' })
  const { document: kept, ...rest } = toInspected(JSON.stringify(document))
  assert.equal(kept, JSON.stringify(document))
  assert.deepEqual(rest, {
    id: 'e1', running: false, pid: 0, status: 'exited', exitCode: 137, oomKilled: true, startedAtMs: 1234, finishedAtMs: undefined, error: 'why',
    ipAddress: undefined,
  })
})

test('the address is that of the first network that has one', () => {
  const networks = { none: { IPAddress: '' }, bridge: { IPAddress: '172.17.0.2' } }
  assert.equal(toInspected(JSON.stringify(documentOf({ Status: 'running', Running: true, Pid: 7 }, networks))).ipAddress, '172.17.0.2')
  assert.equal(toInspected(JSON.stringify(documentOf({}, { host: { IPAddress: '' } }))).ipAddress, undefined)
})

test('a seccomp profile is left out of the document: kilobytes that are the same for every container', () => {
  const document = { ...documentOf({}), HostConfig: { Memory: 1, SecurityOpt: ['no-new-privileges', 'seccomp={"defaultAction":"SCMP_ACT_ALLOW"}'] } }
  const { document: kept } = toInspected(JSON.stringify(document))
  assert.deepEqual(JSON.parse(kept), { ...document, HostConfig: { Memory: 1, SecurityOpt: ['no-new-privileges', 'seccomp=(a profile)'] } })
})
