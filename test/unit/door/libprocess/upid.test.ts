import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseUpid, senderOf, upidText } from '../../../../src/door/libprocess/upid.ts'

test('a process is named by its id and where it listens', () => {
  for (const text of ['slave(1)@127.0.0.1:5051', 'master@10.0.0.7:5050', 'slave-observer(17)@127.0.0.1:5050', '__http__(1)@[::1]:80']) {
    assert.equal(upidText(parseUpid(text)!), text)
  }
  assert.deepEqual(parseUpid('executor(1)@127.0.0.1:44559'), { id: 'executor(1)', ip: '127.0.0.1', port: 44_559 })
})

test('what could not be sent to is no process', () => {
  const wrong = [
    '', '@127.0.0.1:1', 'a@b', 'a@127.0.0.1', 'a@127.0.0.1:0', 'a@127.0.0.1:65536', 'a@127.0.0.1:-1', 'a@127.0.0.256:1', 'a@localhost:5051', 'a b@127.0.0.1:1',
    'a/../b@127.0.0.1:1', 'a\r\nX: y@127.0.0.1:1', 'a@127.0.0.1:1\r\n', 'a@[127.0.0.1:1', 'a@::1:1', `${'a'.repeat(201)}@127.0.0.1:1`, 'a@127.0.0.1:1 ',
  ]
  for (const text of wrong) assert.equal(parseUpid(text), undefined, text)
})

test('a message names its sender in a header of its own, an old one in the user agent alone', () => {
  const sender = { id: 'executor(1)', ip: '127.0.0.1', port: 7 }
  assert.deepEqual(senderOf({ 'libprocess-from': 'executor(1)@127.0.0.1:7', 'user-agent': 'libprocess/other@127.0.0.1:8' }), sender)
  assert.deepEqual(senderOf({ 'user-agent': 'libprocess/executor(1)@127.0.0.1:7' }), sender)
  const strangers = [{}, { 'user-agent': 'curl/8' }, { 'user-agent': 'libprocess/' }, { 'libprocess-from': 'nobody' }]
  for (const headers of strangers) assert.equal(senderOf(headers), undefined)
})
