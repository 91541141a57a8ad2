import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import type { Check } from '../../../../src/agent/checks/check.ts'
import type { Helper } from '../../../../src/agent/checks/helper.ts'
import { probeOf, type Probe } from '../../../../src/agent/checks/probe.ts'
import { waysTo } from '../../../../src/agent/checks/ways.ts'
import type { Container } from '../../../../src/containerizer/container.ts'
import { AgentError } from '../../../../src/model/errors.ts'

const never = new AbortController().signal
const container = (network: string, ipAddress?: string): Container => ({ spec: { network }, inspected: { ipAddress, pid: 1, id: 'x' } } as unknown as Container)

interface Ground {
  readonly probe: Probe
  readonly port: number
  readonly asked: string[]
  readonly complaints: Error[]
  kept (): number
  last (): Helper | undefined
  closePort (): Promise<void>
}

interface Wish { network?: string, address?: string | undefined, answer?: string | Error, canStay?: boolean }

/** A probe whose container has 127.0.0.2 for an address, and a helper that gives this answer. */
async function ground (t: TestContext, wish: Wish): Promise<Ground> {
  const { network, address, answer, canStay } = { network: 'bridge', address: '127.0.0.2', answer: 'connected', canStay: true, ...wish }
  const server = createServer(socket => { socket.on('error', () => {}) }).listen(0, '127.0.0.2')
  await once(server, 'listening')
  const closePort = async (): Promise<void> => { server.close(); await once(server, 'close') }
  t.after(() => server.close())
  const { port } = server.address() as AddressInfo
  const asked: string[] = []
  const complaints: Error[] = []
  let kept = 0
  let last: Helper | undefined
  const start = async (): Promise<Helper> => {
    if (answer instanceof Error) throw answer
    let isOver = false
    asked.push('start')
    const ask = async (question: string): Promise<string> => { asked.push(question.replace(` ${port}`, '')); return answer }
    return last = { isOver: () => isOver, ask, end: () => { isOver = true; asked.push('end') } }
  }
  const check: Check = { target: { kind: 'TCP', port, family: 'IPv4' }, delayMs: 0, intervalMs: 1000, timeoutMs: 5000 }
  const helpers = {
    start, stay: () => { if (canStay) kept++; return canStay }, leave: () => { kept-- }, complain: (error: Error) => { complaints.push(error) },
  }
  const notAsked = (): never => assert.fail('nobody asked for this')
  const probe = probeOf(container(network, address), check, { containerizer: { exec: notAsked, look: notAsked }, helpers, hostIp: '127.0.0.1' })
  return { probe, port, asked, complaints, kept: () => kept, last: () => last, closePort }
}

test('where a check connects to: the address first, the loopback from inside then, on host networking the host\'s addresses', () => {
  const ways = (network: string, address: string | undefined, family: 'IPv4' | 'IPv6', hostIp = '127.0.0.1'): string =>
    (waysTo(container(network, address), family, hostIp) ?? []).map(({ host, isInside }) => (isInside ? `inside ${host}` : host)).join(', ')
  assert.equal(ways('bridge', '172.17.0.2', 'IPv4'), '172.17.0.2, inside 127.0.0.1')
  assert.equal(ways('user', '172.18.0.2', 'IPv6'), 'inside ::1')
  assert.equal(ways('none', undefined, 'IPv4'), 'inside 127.0.0.1')
  assert.equal(ways('host', undefined, 'IPv4'), '127.0.0.1')
  assert.equal(ways('host', undefined, 'IPv4', '0.0.0.0'), '127.0.0.1')
  assert.equal(ways('host', undefined, 'IPv4', '192.0.2.7'), '127.0.0.1, 192.0.2.7')
  assert.equal(ways('host', undefined, 'IPv6', '192.0.2.7'), '::1')
  assert.equal(waysTo({ ...container('bridge'), inspected: undefined }, 'IPv4', ''), undefined)
})

test('no process is started while the address answers', async t => {
  const { probe, asked } = await ground(t, {})
  assert.equal((await probe.look(never))?.isGood, true)
  assert.deepEqual(asked, [])
})

test('one that refuses on its address is asked on its loopback, and from then on there first, by a process that stays', async t => {
  const { probe, asked, closePort, kept } = await ground(t, {})
  await closePort()
  for (const _ of [1, 2, 3]) assert.equal((await probe.look(never))?.isGood, true)
  assert.deepEqual([asked, kept()], [['start', '127.0.0.1', '127.0.0.1', '127.0.0.1'], 1])
  probe.end()
  probe.end()
  assert.deepEqual([asked.at(-1), kept()], ['end', 0])
})

test('one that refuses both ways is bad, and both are told', async t => {
  const { probe, port, closePort } = await ground(t, { answer: 'refused' })
  await closePort()
  const says = `connect ECONNREFUSED 127.0.0.2:${port}; connect ECONNREFUSED 127.0.0.1:${port} in the container`
  assert.deepEqual(await probe.look(never), { isGood: false, says })
})

test('a process that may not stay ends with its look', async t => {
  const { probe, asked, kept } = await ground(t, { network: 'none', address: undefined, canStay: false })
  for (const _ of [1, 2]) assert.equal((await probe.look(never))?.isGood, true)
  assert.deepEqual([asked, kept()], [['start', '127.0.0.1', 'end', 'start', '127.0.0.1', 'end'], 0])
})

test('a process that is no more is replaced', async t => {
  const { probe, asked, kept, last } = await ground(t, { network: 'none', address: undefined })
  await probe.look(never)
  last()?.end()
  assert.equal((await probe.look(never))?.isGood, true)
  assert.deepEqual([asked.filter(word => word === 'start').length, kept()], [2, 1])
})

test('a loopback that cannot be looked at says nothing about the container, and is complained of', async t => {
  const answer = new AgentError('NOT_SUPPORTED', 'no nsenter')
  const onNone = await ground(t, { network: 'none', address: undefined, answer })
  assert.equal(await onNone.probe.look(never), undefined)
  const onBridge = await ground(t, { answer })
  await onBridge.closePort()
  assert.equal((await onBridge.probe.look(never))?.says, `connect ECONNREFUSED 127.0.0.2:${onBridge.port}`)
  assert.deepEqual([onNone.complaints, onBridge.complaints], [[answer], [answer]])
})
