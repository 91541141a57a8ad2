import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { test, type TestContext } from 'node:test'
import type { Check, Finding, Target } from '../../../../src/agent/checks/check.ts'
import { probeOf, type ProbeDeps } from '../../../../src/agent/checks/probe.ts'
import { deferred } from '../../../../src/base/deferred.ts'
import type { Container } from '../../../../src/containerizer/container.ts'
import { AgentError } from '../../../../src/model/errors.ts'

const never = new AbortController().signal
const onNetwork = (network: string, ipAddress?: string): Container => ({ spec: { network }, inspected: ipAddress && { ipAddress } } as unknown as Container)
const host = onNetwork('host')
const http = (port: number, path = '/'): Target => ({ kind: 'HTTP', port, path, scheme: 'http', family: 'IPv4' })
const tcp = (port: number): Target => ({ kind: 'TCP', port, family: 'IPv4' })
const check = (target: Target, timeoutMs = 5000): Check => ({ target, delayMs: 0, intervalMs: 0, timeoutMs })
const command = check({ kind: 'COMMAND', argv: ['x'], environment: {} })

function deps (more: Partial<ProbeDeps['containerizer']> = {}): ProbeDeps {
  const notAsked = (): never => assert.fail('nobody asked for this')
  const helpers = { start: notAsked, stay: notAsked, leave: notAsked, complain: notAsked }
  return { containerizer: { exec: notAsked, look: notAsked, ...more }, helpers, hostIp: '127.0.0.1' }
}

async function probe (container: Container, check: Check, deps: ProbeDeps, signal: AbortSignal): Promise<Finding | undefined> {
  const once = probeOf(container, check, deps)
  try {
    return await once.look(signal)
  } finally {
    once.end()
  }
}

async function open (t: TestContext, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  return (server.address() as AddressInfo).port
}

const web = (t: TestContext, listener: RequestListener): Promise<number> => open(t, createHttpServer({ keepAlive: true }, listener))

for (const [status, isGood] of [[200, true], [204, true], [302, true], [399, true], [400, false], [503, false]] as const) {
  test(`an HTTP answer of ${status} is ${isGood ? 'good' : 'bad'}; its body is not waited for and nothing is followed`, async t => {
    const asked: string[] = []
    const port = await web(t, (request, response) => {
      asked.push(request.url ?? '')
      response.writeHead(status, { location: `http://127.0.0.1:${port}/elsewhere`, ...status !== 204 && { 'content-length': '1000000' } }).flushHeaders()
    })
    const finding = await probe(host, check(http(port, '/a?b=c')), deps(), never)
    assert.deepEqual(finding, { isGood, says: `it answered with status ${status}`, statusCode: status })
    assert.deepEqual(asked, ['/a?b=c'])
  })
}

test('a server that never answers has failed at the time-out, and is hung up on', async t => {
  const hungUp = deferred()
  const port = await web(t, request => { request.socket.once('close', () => { hungUp.resolve() }) })
  const finding = await probe(host, check(http(port), 200), deps(), never)
  assert.deepEqual(finding, { isGood: false, says: 'no answer within 0.2 s' })
  await hungUp.promise
})

test('an answer that is no HTTP is bad', async t => {
  const port = await open(t, createServer(socket => { socket.on('error', () => {}).end('what?\n') }))
  assert.equal((await probe(host, check(http(port)), deps(), never))?.isGood, false)
})

test('a port that accepts is good, one that does not is bad', async t => {
  const server = createServer(socket => { socket.on('error', () => {}) })
  const port = await open(t, server)
  assert.equal((await probe(host, check(tcp(port)), deps(), never))?.isGood, true)
  server.close()
  await once(server, 'close')
  const finding = await probe(host, check(tcp(port)), deps(), never)
  assert.deepEqual(finding, { isGood: false, says: `connect ECONNREFUSED 127.0.0.1:${port}` })
})

test('a container with an address of its own is asked there', async t => {
  const port = await open(t, createServer(socket => { socket.on('error', () => {}) }))
  assert.equal((await probe(onNetwork('bridge', '127.0.0.1'), check(tcp(port)), deps(), never))?.isGood, true)
})

test('an address that is not known is asked for again; still without one there is no finding', async () => {
  let asked = 0
  const look = async (): Promise<void> => { asked++ }
  assert.equal(await probe(onNetwork('bridge'), check(tcp(1)), deps({ look }), never), undefined)
  assert.equal(asked, 1)
})

test('a command is judged by its exit code', async () => {
  assert.deepEqual(await probe(host, command, deps({ exec: async () => 0 }), never), { isGood: true, says: 'the command exited with status 0', exitCode: 0 })
  assert.deepEqual(await probe(host, command, deps({ exec: async () => 3 }), never), { isGood: false, says: 'the command exited with status 3', exitCode: 3 })
})

test('an engine that is down says nothing about a container', async () => {
  const exec = async (): Promise<never> => { throw new AgentError('ENGINE_DOWN', 'no engine') }
  assert.equal(await probe(host, command, deps({ exec }), never), undefined)
})

test('a look whose signal aborts throws the reason', async () => {
  const reason = new Error('enough')
  await assert.rejects(probe(host, check(tcp(1)), deps(), AbortSignal.abort(reason)), reason)
})
