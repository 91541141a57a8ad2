import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { silentLog } from '../../../src/base/log.ts'
import { masterDetector, type DetectorDeps, type Leader } from '../../../src/detection/detector.ts'
import { parseMasterAddress } from '../../../src/detection/master-address.ts'
import { AgentError, chain } from '../../../src/model/errors.ts'
import { eventually } from '../../support/eventually.ts'

interface Told { readonly leader: Leader | undefined, readonly problem: AgentError | undefined }

function follow (address: string, deps: Partial<DetectorDeps> = {}): { told: Told[], close: () => Promise<void> } {
  const told: Told[] = []
  const detector = masterDetector(address, { log: silentLog, ...deps })
  detector.follow((leader, problem) => { told.push({ leader, problem }) })
  assert.deepEqual(told, [], 'nothing is told from within the call')
  return { told, close: () => detector.close() }
}

test('an address with a port is the leader, once', async () => {
  const { told, close } = follow('127.0.0.1:5151')
  await eventually(() => told.length > 0)
  assert.deepEqual(told, [{ leader: { ip: '127.0.0.1', port: 5151, pid: 'master@127.0.0.1:5151', hostname: '127.0.0.1' }, problem: undefined }])
  await close()
})

test('a name is resolved, and looked up again while it cannot be; the port is 5050 unless it is said', async () => {
  let calls = 0
  const lookup = async (host: string): Promise<string> => {
    if (++calls === 1) throw new Error(`ENOTFOUND ${host}`)
    return '10.0.0.7'
  }
  const { told, close } = follow('master.example', { lookup })
  await eventually(() => told.length > 1, { withinMs: 20_000 })
  assert.equal(told[0]?.leader, undefined)
  assert.equal(told[0]?.problem?.code, 'MASTER_NOT_FOUND')
  assert.match(chain(told[0].problem), /master\.example.*ENOTFOUND/)
  assert.deepEqual(told[1]?.leader, { ip: '10.0.0.7', port: 5050, pid: 'master@10.0.0.7:5050', hostname: 'master.example' })
  await close()
})

test('nothing is told after the detector was closed, whenever the name is resolved', async () => {
  let answer = (_ip: string): void => {}
  const { told, close } = follow('master.example', { lookup: () => new Promise(resolve => { answer = resolve }) })
  await close()
  answer('10.0.0.7')
  await new Promise(resolve => { setImmediate(resolve) })
  assert.deepEqual(told, [])
})

test('a file holds the address', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-master-'))
  try {
    const file = join(folder, 'master')
    writeFileSync(file, '  10.0.0.9:5055\n')
    const { told, close } = follow(`file://${file}`)
    await eventually(() => told.length > 0)
    assert.equal(told[0]?.leader?.pid, 'master@10.0.0.9:5055')
    await close()
    writeFileSync(file, 'zk://user:secret@z1,z2:2182/mesos')
    assert.deepEqual(parseMasterAddress(`file://${file}`), {
      kind: 'zk', at: { servers: [{ host: 'z1', port: 2181 }, { host: 'z2', port: 2182 }], path: '/mesos', digest: 'user:secret' },
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
})

const wrong = [
  '', 'host:0', 'host:65536', 'host:http', ':5050', '10.0.0.256:5050', 'a b:1', 'http://host:5050', 'host:5050/path', '[10.0.0.1]:5050', '-x:5050',
  'zk://', 'zk://host:2181', 'zk://host:2181/', 'zk:///mesos', 'zk://host:x/mesos', 'zk://a,,b/mesos', 'zk://host/a//b', 'zk://secret@host/mesos',
  'zk://:secret@host/mesos', 'file://relative', 'file:///not/there', 'file:///dev/null',
]

for (const address of wrong) {
  test(`"${address}" is refused as a value of --master, without its password`, () => {
    assert.throws(() => masterDetector(address, { log: silentLog }), (error: unknown) => {
      assert(error instanceof AgentError && error.code === 'SETTING_INVALID')
      assert.match(error.message, /^--master: /)
      assert.doesNotMatch(chain(error), /secret/)
      return true
    })
  })
}

test('IPv6 addresses stand in brackets', async () => {
  const { told, close } = follow('[::1]:5050')
  await eventually(() => told.length > 0)
  assert.equal(told[0]?.leader?.pid, 'master@[::1]:5050')
  await close()
})
