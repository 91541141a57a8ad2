import assert from 'node:assert/strict'
import { test } from 'node:test'
import { silentLog } from '../../../../src/base/log.ts'
import { Peers, type PeersOptions } from '../../../../src/scheduler/mesos/peers.ts'

const leader = { ip: '10.0.0.1', port: 5050, pid: 'master@10.0.0.1:5050' }
const connection = (remoteIp: string, localIp = '10.0.0.7'): Parameters<Peers['admit']>[0] => ({ remoteIp, localIp, remotePort: 40_000, localPort: 5051 })

function peers (options: Partial<PeersOptions> = {}): Peers {
  return new Peers({ leader: () => leader, requirePeerAddress: true, isOfTask: async () => false, log: silentLog, ...options })
}

test('a master is heard from its own address, on a socket of both families as well, and from no other', () => {
  assert.equal(peers().admit(connection('10.0.0.1')), true)
  assert.equal(peers().admit(connection('::ffff:10.0.0.1')), true)
  assert.equal(peers().admit(connection('10.0.0.2')), undefined)
  assert.equal(peers({ leader: () => undefined }).admit(connection('10.0.0.1')), undefined)
  assert.equal(peers({ requirePeerAddress: false }).admit(connection('10.0.0.2')), true)
})

test('on the machine of the master a task of ours is not heard as the master', async () => {
  const here = connection('10.0.0.1', '10.0.0.1')
  assert.equal(await peers().admit(here), true)
  assert.equal(await peers({ isOfTask: async () => true }).admit(here), undefined)
  assert.equal(await peers({ isOfTask: async () => { throw new Error('nobody knows') } }).admit(here), undefined)
  const loopback = { ...leader, ip: '127.0.0.1' }
  assert.equal(await peers({ leader: () => loopback, isOfTask: async () => true }).admit(connection('127.0.0.1')), undefined)
})
