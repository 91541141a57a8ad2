import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { test } from 'node:test'
import { openLink, type Link, type LinkLimits, type LinkOptions } from '../../../../src/door/libprocess/link.ts'
import { deferred } from '../../../../src/base/deferred.ts'
import { eventually } from '../../../support/eventually.ts'
import { LibprocessPeer } from '../../../support/libprocess-peer.ts'

const from = { id: 'slave(1)', ip: '127.0.0.1', port: 5051 }

interface Watched { link: Link, broken: string[] }

function open (port: number, more: Partial<LinkOptions> = {}, limits: Partial<LinkLimits> = {}): Watched {
  const broken: string[] = []
  const to = { id: 'executor(1)', ip: '127.0.0.1', port }
  return { link: openLink({ from, to, onBroken: cause => { broken.push(cause.message) }, limits, ...more }), broken }
}

/** A server that takes connections and does nothing else. */
async function listen (): Promise<{ port: number, sockets: Socket[] } & AsyncDisposable> {
  const sockets: Socket[] = []
  const server: Server = createServer({ pauseOnConnect: true }, socket => { socket.on('error', () => {}); sockets.push(socket) })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as { port: number }).port, sockets,
    async [Symbol.asyncDispose] () {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>(resolve => { server.close(() => { resolve() }) })
    },
  }
}

test('messages arrive in order over one connection, those sent before it stood as well', async () => {
  await using peer = await LibprocessPeer.start('executor(1)')
  const { link } = open(peer.pid.port)
  for (let at = 0; at < 500; at++) link.send({ name: `M${at}`, body: Buffer.alloc(at % 3 === 0 ? 0 : at * 20, at) })
  await eventually(() => peer.received.length === 500)
  link.send({ name: 'last', body: Buffer.from('x') })
  await eventually(() => peer.received.length === 501)
  assert.deepEqual(peer.received.map(({ name }) => name), [...Array.from({ length: 500 }, (_, at) => `M${at}`), 'last'])
  assert.equal(peer.received[499]?.body.length, 9_980)
  assert.equal(peer.connections.size, 1)
  link.close()
  await eventually(() => peer.connections.size === 0)
})

test('a message may be for another process of the peer', async () => {
  await using peer = await LibprocessPeer.start('master')
  const { link } = open(peer.pid.port)
  link.send({ name: 'M', body: Buffer.alloc(0) }, 'slave-observer(3)')
  link.send({ name: 'N', body: Buffer.alloc(0) })
  await eventually(() => peer.received.length === 2)
  assert.deepEqual(peer.received.map(({ head }) => head.split(' ')[1]), ['/slave-observer(3)/M', '/executor(1)/N'])
  link.close()
})

test('a peer that ends breaks the link, once', async () => {
  const peer = await LibprocessPeer.start('executor(1)')
  const { link, broken } = open(peer.pid.port)
  link.send({ name: 'M', body: Buffer.from('x') })
  await eventually(() => peer.received.length === 1)
  await peer[Symbol.asyncDispose]()
  await eventually(() => broken.length > 0)
  link.send({ name: 'N', body: Buffer.from('x') })
  link.close()
  assert.equal(link.isOpen, false)
  assert.equal(broken.length, 1)
  assert.match(broken[0]!, /^the link to executor\(1\)@127\.0\.0\.1:\d+ is broken: it closed its connection$/)
})

test('where nobody listens the link is broken at once', async () => {
  const peer = await LibprocessPeer.start('executor(1)')
  await peer[Symbol.asyncDispose]()
  const { link, broken } = open(peer.pid.port)
  link.send({ name: 'M', body: Buffer.from('x') })
  await eventually(() => broken.length === 1)
  assert.match(broken[0]!, /ECONNREFUSED/)
})

test('a peer that is not admitted gets no byte', async () => {
  await using peer = await LibprocessPeer.start('executor(1)')
  const ends: number[] = []
  const admit = async ({ remotePort }: { remotePort: number }): Promise<void> => { ends.push(remotePort); throw new Error('a stranger') }
  const { link, broken } = open(peer.pid.port, { admit })
  link.send({ name: 'M', body: Buffer.from('secret') })
  await eventually(() => broken.length === 1 && peer.connections.size === 0)
  assert.deepEqual(ends, [peer.pid.port])
  assert.equal(peer.received.length, 0)
})

test('a link that is closed while its peer is looked at still sends what it was given', async () => {
  await using peer = await LibprocessPeer.start('executor(1)')
  const admitted = deferred()
  const { link, broken } = open(peer.pid.port, { admit: () => admitted.promise })
  link.send({ name: 'M', body: Buffer.from('x') })
  await eventually(() => peer.connections.size === 1)
  link.close()
  admitted.resolve()
  await eventually(() => peer.received.length === 1 && peer.connections.size === 0)
  assert.deepEqual(broken, [])
})

test('a peer that takes nothing breaks the link in time', async () => {
  await using server = await listen()
  const { link, broken } = open(server.port, {}, { writeMs: 200 })
  await eventually(() => server.sockets.length === 1)
  link.send({ name: 'M', body: Buffer.alloc(10_000_000) })
  await eventually(() => broken.length === 1)
  assert.match(broken[0]!, /it took nothing for 200 ms/)
})

test('a link is silent as long as it likes', async () => {
  await using peer = await LibprocessPeer.start('executor(1)')
  const { link, broken } = open(peer.pid.port, {}, { connectMs: 5_000, writeMs: 20 })
  link.send({ name: 'M', body: Buffer.from('x') })
  await eventually(() => peer.received.length === 1)
  const before = performance.now()
  await eventually(() => performance.now() - before > 150)
  link.send({ name: 'N', body: Buffer.from('x') })
  await eventually(() => peer.received.length === 2)
  assert.deepEqual(broken, [])
  link.close()
})

test('more than may wait breaks the link', async () => {
  await using server = await listen()
  const { link, broken } = open(server.port, {}, { queuedBytes: 100_000 })
  for (let at = 0; at < 1_000 && link.isOpen; at++) link.send({ name: 'M', body: Buffer.alloc(50_000) })
  assert.match(broken[0]!, /more than 100000 bytes wait for it/)
})

test('a close does not wait for a peer that takes nothing', async () => {
  await using server = await listen()
  const { link, broken } = open(server.port, {}, { closeMs: 100 })
  await eventually(() => server.sockets.length === 1)
  link.send({ name: 'M', body: Buffer.alloc(10_000_000) })
  link.close()
  server.sockets[0]!.resume()
  await eventually(() => server.sockets[0]!.destroyed)
  assert.deepEqual(broken, [])
})
