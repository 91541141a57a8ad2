import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describePorts, placePorts, portWish, withPorts } from '../../../src/cli/port-wish.ts'
import { UsageError } from '../../../src/cli/report.ts'
import { taskFromOptions } from '../../../src/cli/task-info.ts'
import { volume } from '../../../src/cli/volume-option.ts'
import type { v1 } from '../../../src/wire/messages.ts'
import { offer } from '../../support/fake-master.ts'

function offering (...ranges: Array<[number, number]>): v1.Offer {
  const one = offer(1, 64)
  one.resources?.push({ name: 'ports', type: 'RANGES', ranges: { range: ranges.map(([begin, end]) => ({ begin, end })) } })
  return one
}

test('a port is named with or without the host\'s, as tcp or udp', () => {
  assert.deepEqual(portWish('80'), { containerPort: 80, hostPort: undefined, protocol: 'tcp' })
  assert.deepEqual(portWish('31000:53/udp'), { containerPort: 53, hostPort: 31000, protocol: 'udp' })
  for (const written of ['', '0', '65536', '0:80', 'a', '80/sctp', '1:2:3', '127.0.0.1:80:80']) assert.throws(() => portWish(written), UsageError)
})

test('ports without a number get the next of the offer, past those that are named', () => {
  const wishes = ['80', '31001:81', '82', '83'].map(portWish)
  assert.deepEqual(placePorts(wishes, offering([31000, 31002], [31010, 31010])), [31000, 31001, 31002, 31010])
})

test('an offer without enough ports, or without the one that is named, does not fit', () => {
  assert.equal(placePorts([portWish('80'), portWish('81')], offering([31000, 31000])), undefined)
  assert.equal(placePorts([portWish('80:80')], offering([31000, 31000])), undefined)
  assert.equal(placePorts([portWish('80')], offer(1, 64)), undefined)
  assert.deepEqual(placePorts([], offer(1, 64)), [])
})

test('the task that is launched has the ports, maps them, and is told', () => {
  const options = { name: 'it', image: 'a', cpus: 1, mem: 32, net: 'bridge', shell: true }
  const wish = taskFromOptions({ ...options, publish: ['80', '31005:53/udp'], env: ['PORT0=mine'] }, [], {})
  const task = withPorts(wish, offering([31000, 31009]))
  assert.deepEqual(task.container?.docker?.port_mappings, [
    { host_port: 31000, container_port: 80, protocol: 'tcp' }, { host_port: 31005, container_port: 53, protocol: 'udp' },
  ])
  assert.deepEqual(task.resources?.at(-1)?.ranges?.range, [{ begin: 31000, end: 31000 }, { begin: 31005, end: 31005 }])
  assert.deepEqual(task.command?.environment?.variables, [
    { name: 'PORT0', value: '31000' }, { name: 'PORT1', value: '31005' }, { name: 'PORTS', value: '31000,31005' }, { name: 'PORT0', value: 'mine' },
  ])
  assert.ok(!('wishedPorts' in task))
})

test('where no port is mapped, none can be published', () => {
  for (const net of ['host', 'none']) {
    assert.throws(() => taskFromOptions({ image: 'a', cpus: 1, mem: 32, net, shell: true, publish: ['80'] }, [], {}), UsageError)
  }
})

test('who waits for ports is told so', () => {
  assert.equal(describePorts(['80', '31000:81'].map(portWish)), ', 2 ports (31000)')
  assert.equal(describePorts(), '')
})

test('a volume is a path of the host, one in the sandbox, or a name', () => {
  assert.deepEqual(volume('/srv/a:/b:ro'), { container_path: '/b', mode: 'RO', host_path: '/srv/a' })
  assert.deepEqual(volume('./a:/b'), { container_path: '/b', mode: 'RW', host_path: 'a' })
  assert.deepEqual(volume('data:/b:rw'), { container_path: '/b', mode: 'RW', source: { type: 'DOCKER_VOLUME', docker_volume: { name: 'data' } } })
  for (const written of ['', '/a', '/a:', ':/b', '/a:/b:z', '/a:/b:ro:x']) assert.throws(() => volume(written), UsageError)
})
