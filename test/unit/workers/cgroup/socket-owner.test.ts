import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { test } from 'node:test'
import type { TcpSocket } from '../../../../src/model/tcp-socket.ts'
import type { KnownContainer } from '../../../../src/pool/jobs.ts'
import { openCgroups } from '../../../../workers/cgroup/cgroups.ts'
import { socketOwner } from '../../../../workers/cgroup/socket-owner.ts'
import { recorded, recordedTree, type Tree } from './trees.ts'

const calm = new AbortController().signal
const head = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n'

type Row = [local: string, remote: string, state: string, inode: number]

/** Rows as the kernel writes them, on a machine of little endian. */
function table (...rows: Row[]): string {
  const times = '00000000:00000000 00:00000000 00000000     0        0'
  const lines = rows.map(([local, remote, state, inode], at) => `   ${at}: ${local} ${remote} ${state} ${times} ${inode} 1 0000000000000000 20 4 30 10 -1\n`)
  return head + lines.join('')
}

function owner (tree: Tree, socket: TcpSocket, containers: KnownContainer[] = [recorded.web, recorded.batch]): Promise<number | undefined> {
  return socketOwner(openCgroups(tree.root), containers, socket, calm)
}

const connection: TcpSocket = { local: { ip: '127.0.0.1', port: 0x9c40 }, remote: { ip: '127.0.0.1', port: 5051 } }
const listener: TcpSocket = { local: { ip: '127.0.0.1', port: 0xae0f } }

test('a connection is the container\'s if one of its processes, however nested, has it open', async () => {
  using tree = recordedTree('v2')
  tree.write({ 'proc/self/net/tcp': table(['0100007F:13BB', '0100007F:9C40', '01', 700], ['0100007F:9C40', '0100007F:13BB', '01', 701]) })
  assert.equal(await owner(tree, connection), undefined)
  tree.link('proc/2151/fd/7', 'socket:[700]')
  tree.link('proc/2151/fd/8', 'socket:[7011]')
  assert.equal(await owner(tree, connection), undefined, 'its other end is another socket')
  tree.link('proc/2152/fd/3', 'socket:[701]')
  assert.equal(await owner(tree, connection), 0)
  assert.equal(await owner(tree, connection, [recorded.batch, recorded.ended, recorded.web]), 2)
  assert.equal(await owner(tree, connection, [recorded.batch]), undefined)
  assert.equal(await owner(tree, { ...connection, remote: { ip: '127.0.0.1', port: 5052 } }), undefined)
})

test('a connection that an IPv6 socket has to an IPv4 address is found as well', async () => {
  using tree = recordedTree('v2')
  const mapped = '0000000000000000FFFF00000100007F'
  tree.write({ 'proc/self/net/tcp': head, 'proc/self/net/tcp6': table([`${mapped}:9C40`, `${mapped}:13BB`, '01', 701]) })
  tree.link('proc/4242/fd/3', 'socket:[701]')
  assert.equal(await owner(tree, connection), 1)
  assert.equal(await owner(tree, { local: { ip: '::ffff:127.0.0.1', port: 0x9c40 }, remote: connection.remote }), 1)
})

test('a listener is the container\'s if all that may take its connections are', async () => {
  using tree = recordedTree('v2')
  tree.write({ 'proc/self/net/tcp': table(['0100007F:AE0F', '00000000:0000', '0A', 10], ['0100007F:AE0F', '0100007F:9C40', '01', 99]) })
  tree.link('proc/4242/fd/3', 'socket:[10]')
  assert.equal(await owner(tree, listener), 1)
  tree.write({ 'proc/self/net/tcp6': table([`${'0'.repeat(32)}:AE0F`, `${'0'.repeat(32)}:0000`, '0A', 11]) })
  assert.equal(await owner(tree, listener), undefined, 'another one listens there as well')
  tree.link('proc/4242/fd/4', 'socket:[11]')
  assert.equal(await owner(tree, listener), 1)
  tree.write({ 'proc/self/net/tcp6': table([`${'0'.repeat(32)}:AE0E`, `${'0'.repeat(32)}:0000`, '0A', 12]) })
  assert.equal(await owner(tree, listener), 1, 'another port is nothing to us')
})

test('a socket that is nobody\'s yet, or that there is not, has no owner', async () => {
  using tree = recordedTree('v2')
  assert.equal(await owner(tree, connection), undefined)
  tree.write({ 'proc/self/net/tcp': table(['0100007F:9C40', '0100007F:13BB', '01', 0]) })
  tree.link('proc/4242/fd/3', 'socket:[0]')
  assert.equal(await owner(tree, connection), undefined)
})

test('a look that is not wanted any more ends', async () => {
  using tree = recordedTree('v2')
  tree.write({ 'proc/self/net/tcp': table(['0100007F:9C40', '0100007F:13BB', '01', 701]) })
  const gone = AbortSignal.abort(new Error('gone'))
  await assert.rejects(socketOwner(openCgroups(tree.root), [recorded.web], connection, gone), /gone/)
})

test('what this kernel tells of sockets is understood', async () => {
  using tree = recordedTree('v2')
  const folder = `sys/fs/cgroup/batch.slice/docker-${recorded.batch.engineId}.scope`
  tree.write({ [`${folder}/cgroup.procs`]: `${String(process.pid)}\n` })
  for (const path of ['self/net/tcp', 'self/net/tcp6', `${String(process.pid)}/fd`]) tree.link(`proc/${path}`, `/proc/${path}`)
  const server = createServer(socket => { socket.resume() })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const client = connect(port, '127.0.0.1')
  await once(client, 'connect')
  try {
    const local = { ip: '127.0.0.1', port: client.localPort! }
    assert.equal(await owner(tree, { local, remote: { ip: '127.0.0.1', port } }), 1)
    assert.equal(await owner(tree, { local: { ip: '127.0.0.1', port } }), 1)
    assert.equal(await owner(tree, { local: { ip: '127.0.0.1', port }, remote: { ip: '127.0.0.1', port: 1 } }), undefined)
  } finally {
    client.destroy()
    server.close()
  }
})
