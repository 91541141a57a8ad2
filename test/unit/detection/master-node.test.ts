import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { leadingNode, readMasterNode } from '../../../src/detection/master-node.ts'
import { AgentError } from '../../../src/model/errors.ts'

test('the lowest number leads, whatever stands before it; numbers that have wrapped around are the lowest', () => {
  assert.equal(leadingNode(['json.info_0000000010', 'info_0000000009', 'log_replicas', '0000000011'])?.name, 'info_0000000009')
  assert.equal(leadingNode(['json.info_0000000010', 'json.info_-2147483647'])?.name, 'json.info_-2147483647')
  assert.equal(leadingNode(['log_replicas', 'json.info_', 'constructor_0000000001', 'json.info_1x']), undefined)
})

test('the pid says where messages go; without one the address does, and without that the packed one', () => {
  const read = (info: object): unknown => readMasterNode({ name: 'json.info_0000000001', label: 'json.info', sequence: 1 }, Buffer.from(JSON.stringify(info)))
  const known = { id: 'a', ip: 16777343, port: 5050, hostname: 'm1' }
  assert.deepEqual(read({ ...known, pid: 'master@10.1.2.3:6050' }), { ip: '10.1.2.3', port: 6050, pid: 'master@10.1.2.3:6050', hostname: 'm1' })
  assert.deepEqual(read({ ...known, address: { ip: '10.1.2.4', port: 6051 } }), { ip: '10.1.2.4', port: 6051, pid: 'master@10.1.2.4:6051', hostname: 'm1' })
  assert.deepEqual(read(known), { ip: '127.0.0.1', port: 5050, pid: 'master@127.0.0.1:5050', hostname: 'm1' })
  for (const wrong of [{ ip: 0 }, { port: 0 }, { port: 65_536 }]) assert.throws(() => read({ ...known, ...wrong }), { code: 'MASTER_NOT_FOUND' })
})

test('whatever a node holds, it is a leader or a failure that names the node', () => {
  const label = fc.constantFrom('json.info' as const, 'info' as const, '' as const)
  fc.assert(fc.property(label, fc.uint8Array({ maxLength: 80 }), (label, data) => {
    try {
      const { port } = readMasterNode({ name: 'node_0000000001', label, sequence: 1 }, Buffer.from(data))
      assert(port > 0 && port < 65_536)
    } catch (error) {
      assert(error instanceof AgentError && error.message.includes('node_0000000001'))
    }
  }))
})
