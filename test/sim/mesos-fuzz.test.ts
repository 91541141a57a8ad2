import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import { frame } from '../../src/door/libprocess/frame.ts'
import { parseUpid } from '../../src/door/libprocess/upid.ts'
import { masterMessages } from '../../src/scheduler/mesos/incoming.ts'
import { eventually } from '../support/eventually.ts'
import { openCluster, type ClusterGround } from '../support/mesos-master/cluster-ground.ts'
import { bodyBytes, recordedWire } from '../unit/wire/recorded-wire.ts'

/** What ends the agent, or has it take another id, is not what is tried here. */
const spared = new Set(['mesos.internal.ShutdownMessage', 'mesos.internal.SlaveRegisteredMessage', 'mesos.internal.SlaveReregisteredMessage'])
const names = masterMessages.filter(name => !spared.has(name))

const recorded = [...recordedWire('wire')].map(([, line]) => line)
  .filter(({ direction, message }) => direction === 'master->agent' && !spared.has(message))
  .map(line => ({ name: line.message, body: bodyBytes(line) }))

/** Sends bytes over a connection of their own and waits until the agent has had enough of them. */
async function pour (ground: ClusterGround, bytes: Uint8Array): Promise<void> {
  const { ip, port } = parseUpid(ground.master.agentPid)!
  const socket = connect({ host: ip, port })
  socket.on('error', () => {})
  socket.resume()
  socket.end(bytes)
  const force = setTimeout(() => { socket.destroy() }, 2_000)
  await once(socket, 'close')
  clearTimeout(force)
}

/** It answers pings, and serves. */
async function isWell ({ master, agent }: ClusterGround): Promise<void> {
  const before = master.of('internal.PongSlaveMessage').length
  await eventually(async () => {
    master.ping()
    return master.of('internal.PongSlaveMessage').length > before
  }, { everyMs: 200, withinMs: 30_000, reason: 'a pong' })
  assert.equal((await agent.get('/health')).status, 200)
}

function framed ({ master }: ClusterGround, name: string, body: Uint8Array): Buffer {
  return frame({ name, body }, { from: master.peer.pid, to: parseUpid(master.agentPid)! })
}

test('messages with whatever in them do the agent no harm', async () => {
  await using ground = await openCluster()
  await fc.assert(fc.asyncProperty(fc.constantFrom(...names), fc.uint8Array({ maxLength: 400 }), async (name, body) => {
    await pour(ground, framed(ground, name, body))
  }), { numRuns: 150 })
  await isWell(ground)
  ground.master.violations.length = 0
  assert.ok(await ground.agent.metric('slipway_master_messages_total{outcome="malformed"}') > 50)
})

test('recorded requests with bytes changed, cut off or said again do the agent no harm', async () => {
  await using ground = await openCluster()
  const change = fc.record({ at: fc.double({ min: 0, max: 0.999, noNaN: true }), to: fc.integer({ min: 0, max: 255 }) })
  const share = fc.double({ min: 0.3, max: 1, noNaN: true })
  await fc.assert(fc.asyncProperty(fc.constantFrom(...recorded), fc.array(change, { maxLength: 4 }), fc.integer({ min: 1, max: 3 }), share,
    async ({ name, body }, changes, times, share) => {
      const whole = Buffer.concat(Array.from({ length: times }, () => framed(ground, name, body)))
      for (const { at, to } of changes) whole.writeUInt8(to, Math.floor(at * whole.length))
      await pour(ground, whole.subarray(0, Math.ceil(whole.length * share)))
    }), { numRuns: 150 })
  await isWell(ground)
  ground.master.violations.length = 0       // what is answered goes to whoever the changed bytes named
})

test('what is no libprocess, or is nobody\'s, is refused', async () => {
  await using ground = await openCluster()
  const { agent, master } = ground
  const post = async (headers: Record<string, string>): Promise<number> =>
    (await fetch(`${agent.url}/slave(1)/mesos.internal.KillTaskMessage`, { method: 'POST', headers, body: 'x' })).status
  assert.equal(await post({}), 400)
  assert.equal(await post({ 'user-agent': 'libprocess/nonsense' }), 400)
  const before = await agent.metric('slipway_master_messages_total{outcome="ignored"}')
  assert.equal(await post({ 'libprocess-from': 'master@127.0.0.1:1' }), 202)
  assert.equal(await agent.metric('slipway_master_messages_total{outcome="ignored"}'), before + 1)
  const escaped = await fetch(`${agent.url}/slave%281%29/mesos.internal.PingSlaveMessage`, {
    method: 'POST', headers: { 'libprocess-from': `slave-observer(1)@${master.address}` }, body: Buffer.from([8, 1]),
  })
  assert.equal(escaped.status, 202)
  await eventually(() => master.of('internal.PongSlaveMessage').length >= 2)
})

test('a flood of large messages keeps no more in memory than the door allows, and the agent stays up', async () => {
  await using ground = await openCluster()
  const body = Buffer.alloc(4 << 20, 1)
  const before = process.memoryUsage().rss
  for (let at = 0; at < 10; at++) await Promise.all(Array.from({ length: 4 }, () => pour(ground, framed(ground, 'mesos.internal.KillTaskMessage', body))))
  await isWell(ground)
  assert.ok(process.memoryUsage().rss - before < 400 << 20)
})
