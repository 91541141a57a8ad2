import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import { openSession, type Session } from '../../../src/detection/zookeeper/session.ts'
import { bytes, flag, int, long, ustring } from '../../../src/detection/zookeeper/jute.ts'
import { sendPacket } from '../../../src/detection/zookeeper/packets.ts'
import { AgentError, chain } from '../../../src/model/errors.ts'

interface Server extends AsyncDisposable { open (connectMs?: number): Promise<Session> }

const granted = [int(0), int(600), long(7n), bytes(Buffer.alloc(16)), flag(false)]

/** What comes after the handshake is the test's. */
async function startServer (onData: (socket: Socket, times: number) => void): Promise<Server> {
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    let times = 0
    sockets.add(socket)
    socket.on('error', () => {}).on('data', () => { onData(socket, times++) })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    open: (connectMs = 5000) => openSession({ ip: '127.0.0.1', port, name: 'zk1:2181', timeoutMs: 600, connectMs }, new AbortController().signal),
    async [Symbol.asyncDispose] () {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

function lost (why: RegExp): (error: unknown) => boolean {
  return error => {
    assert(error instanceof AgentError && error.code === 'MASTER_NOT_FOUND')
    assert.match(chain(error), why)
    return true
  }
}

test('bytes that are no packets end the session before it begins', async () => {
  await using server = await startServer(socket => { socket.write('HTTP/1.1 400 Bad Request\r\n\r\n') })
  await assert.rejects(server.open(), lost(/zk1:2181 is lost: it does not speak as ZooKeeper does: a packet of 1213486160 bytes/))
})

test('a server that takes the connection and says nothing is given up in time', async () => {
  await using server = await startServer(() => {})
  await assert.rejects(server.open(200), lost(/granted no session within 200 ms/))
})

test('a server that grants a session and falls silent is lost, and so are the questions it was asked', async () => {
  await using server = await startServer((socket, times) => { if (times === 0) sendPacket(socket, ...granted) })
  const session = await server.open()
  await assert.rejects(session.children('/mesos'), lost(/it said nothing for too long/))
  await assert.rejects(session.exists('/mesos'), lost(/it said nothing for too long/))
  await session.close()
})

test('a server that answers pings alone is lost', async () => {
  await using server = await startServer((socket, times) => {
    if (times === 0) sendPacket(socket, ...granted)
    else sendPacket(socket, int(-2), long(0n), int(0))
  })
  const session = await server.open()
  await assert.rejects(session.children('/mesos'), lost(/leaves a question without an answer/))
})

test('an answer that nobody asked for ends the session', async () => {
  await using server = await startServer((socket, times) => {
    if (times === 0) sendPacket(socket, ...granted)
    else sendPacket(socket, int(77), long(0n), int(0), ustring('x'))
  })
  const session = await server.open()
  await assert.rejects(session.children('/mesos'), lost(/an answer to 77 that nobody asked for/))
})

test('whatever comes instead of an answer, each question ends', { timeout: 60_000 }, async () => {
  await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 64 }), fc.boolean(), async (junk, isPacket) => {
    await using server = await startServer((socket, times) => {
      if (times === 0) sendPacket(socket, ...granted)
      else if (isPacket) sendPacket(socket, int(1), long(0n), int(0), Buffer.from(junk))
      else socket.end(junk)
    })
    const session = await server.open()
    const answer = await session.children('/mesos').catch((error: unknown) => error)
    assert(answer === undefined || answer instanceof Error || 'value' in (answer as object))
    await session.close()
  }), { numRuns: 40 })
})
