import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Agent, request } from 'undici'
import { ExecutorDoors } from '../../../../src/agent/executors/executor-doors.ts'
import { silentLog } from '../../../../src/base/log.ts'
import { startDoor } from '../../../../src/door/start-door.ts'
import type { ContainerSpec } from '../../../../src/model/container-spec.ts'
import { eventually } from '../../../support/eventually.ts'

const spec = (containerId: string, network: ContainerSpec['network']): ContainerSpec => ({ containerId, network }) as ContainerSpec

interface Ground extends AsyncDisposable { readonly doors: ExecutorDoors, readonly folder: string }

async function openDoors (ip: string, port: number, folder?: string): Promise<Ground> {
  const place = folder ?? await mkdtemp(join(tmpdir(), 'slipway-doors-'))
  const doors = new ExecutorDoors({
    main: () => ({ ip, port }), socketFolder: place, log: silentLog,
    open: where => startDoor({ ...where, token: undefined, openPaths: ['/x'], log: silentLog, routes: app => { app.get('/x', () => 'here') } }),
  })
  return { doors, folder: place, async [Symbol.asyncDispose] () { await doors.close(); await rm(place, { recursive: true, force: true }) } }
}

async function freePort (): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

const isServed = (ip: string, port: number): Promise<boolean> => fetch(`http://${ip}:${port}/x`).then(answer => answer.ok, () => false)

test('on the host\'s network the agent\'s own door is named, by an address that can be dialled', async () => {
  for (const [ip, named] of [['10.0.0.1', '10.0.0.1'], ['0.0.0.0', '127.0.0.1'], ['::1', '[::1]']] as const) {
    await using ground = await openDoors(ip, 5051)
    const found = await ground.doors.environmentFor(spec('c', 'host'), undefined)
    assert.equal(found['MESOS_AGENT_ENDPOINT'], `${named}:5051`)
    assert.equal(found['MESOS_SLAVE_PID'], `slave(1)@${named}:5051`)
    assert.equal(found['MESOS_DOMAIN_SOCKET'], undefined)
  }
})

test('without a gateway the socket has to do', async () => {
  await using ground = await openDoors('127.0.0.1', 5051)
  const { MESOS_DOMAIN_SOCKET: socket, LIBPROCESS_IP: ip } = await ground.doors.environmentFor(spec('c', 'none'), undefined)
  assert.deepEqual([socket, ip], ['/mnt/mesos/agent/executor.sock', undefined])
})

test('one door a gateway, at the agent\'s own port, as long as a container needs it', async () => {
  const port = await freePort()
  await using ground = await openDoors('127.0.0.1', port)
  const endpoint = async (id: string): Promise<unknown> => (await ground.doors.environmentFor(spec(id, 'bridge'), '127.0.0.3'))['MESOS_AGENT_ENDPOINT']
  assert.deepEqual(await Promise.all(['a', 'b'].map(endpoint)), [`127.0.0.3:${port}`, `127.0.0.3:${port}`])
  ground.doors.release('a')
  ground.doors.release('a')
  assert.equal(await isServed('127.0.0.3', port), true)
  ground.doors.release('b')
  assert.equal(await endpoint('c'), `127.0.0.3:${port}`)       // also while the one before is being closed
  assert.equal(await isServed('127.0.0.3', port), true)
  ground.doors.release('c')
  await eventually(async () => !await isServed('127.0.0.3', port))
})

test('a gateway where the port is taken gets another one, and one that is no address of this host none', async () => {
  const other = createServer().listen(0, '127.0.0.4')
  await once(other, 'listening')
  const { port } = other.address() as { port: number }
  await using ground = await openDoors('127.0.0.1', port)
  const taken = (await ground.doors.environmentFor(spec('a', 'bridge'), '127.0.0.4'))['MESOS_AGENT_ENDPOINT'] ?? ''
  assert.notEqual(taken, `127.0.0.4:${port}`)
  assert.equal(await isServed('127.0.0.4', Number(taken.split(':')[1])), true)
  const foreign = await ground.doors.environmentFor(spec('b', 'bridge'), '203.0.113.1')
  assert.equal(foreign['MESOS_AGENT_ENDPOINT'], `127.0.0.1:${port}`)
  other.close()
})

test('an agent that listens everywhere needs no door at the gateway', async () => {
  await using ground = await openDoors('0.0.0.0', 5051)
  assert.equal((await ground.doors.environmentFor(spec('a', 'user'), '127.0.0.3'))['MESOS_AGENT_ENDPOINT'], '127.0.0.3:5051')
})

test('the socket is there in a folder with a long name too, and takes the place of one that was left behind', async () => {
  const folder = join(await mkdtemp(join(tmpdir(), 'slipway-doors-')), 'x'.repeat(150))
  for (const round of [1, 2]) {
    const ground = await openDoors('127.0.0.1', 5051, folder)
    await ground.doors.openSocket()
    // By way of the folder again: the path is too long to be dialled.
    const { open } = await import('node:fs/promises')
    const handle = await open(folder)
    const dispatcher = new Agent({ connect: { socketPath: `/proc/self/fd/${handle.fd}/executor.sock` } })
    assert.equal(await (await request('http://localhost/x', { dispatcher })).body.text(), 'here', `round ${round}`)
    await dispatcher.close()
    await handle.close()
    if (round === 2) await ground[Symbol.asyncDispose]()
    else await ground.doors.close()
  }
})
