import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { open } from 'node:fs/promises'
import { after, test, type TestContext } from 'node:test'
import { Registry } from 'prom-client'
import { startHelper, type Helper } from '../../../../src/agent/checks/helper.ts'
import { helpers } from '../../../../src/agent/checks/helpers.ts'
import { checkMetrics } from '../../../../src/agent/checks/metrics.ts'
import { openNetworkNamespace } from '../../../../src/agent/checks/network-namespace.ts'
import { silentLog } from '../../../../src/base/log.ts'
import { eventually } from '../../../support/eventually.ts'
import { needsPrograms } from '../../../support/requires.ts'

const skip = process.getuid?.() === 0 ? needsPrograms('nsenter', 'bash').skip : 'it takes root to enter a namespace'
const never = new AbortController().signal
const started: Helper[] = []
after(() => { for (const helper of started) helper.end() })

async function start (): Promise<Helper> {
  const own = await open('/proc/self/ns/net')
  try {
    const helper = await startHelper(own.fd, never)
    started.push(helper)
    return helper
  } finally {
    await own.close()
  }
}

function childrenOf (pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').map(Number).filter(child => child > 0)
}

async function listen (t: TestContext, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  return (server.address() as AddressInfo).port
}

test('a helper tells a port that accepts from one that does not, any number of times', { skip }, async t => {
  const server = createServer(socket => { socket.on('error', () => {}).end() })
  const port = await listen(t, server)
  const helper = await start()
  for (const _ of [1, 2, 3]) assert.equal(await helper.ask(`127.0.0.1 ${port}`, never), 'connected ')
  server.close()
  await once(server, 'close')
  for (const _ of [1, 2]) assert.equal(await helper.ask(`127.0.0.1 ${port}`, never), 'refused')
})

test('a helper asks for a path as it stands and brings back the first line of the answer', { skip }, async t => {
  const asked: unknown[] = []
  const port = await listen(t, createHttpServer((request, response) => {
    asked.push([request.url, request.headers.host])
    response.writeHead(418).end('x'.repeat(100_000))
  }))
  const helper = await start()
  const path = "/a?b=$(reboot)&c='d'&e=%41*\\n"
  assert.match(await helper.ask(`127.0.0.1 ${port} it:1 ${path}`, never), /^connected HTTP\/1\.1 418 /)
  assert.deepEqual(asked, [[path, 'it:1']])
})

test('an answer without an end of line is cut, and one that is hung up on is empty', { skip }, async t => {
  const endless = await listen(t, createServer(socket => { socket.on('error', () => {}).write('y'.repeat(100_000)) }))
  const mute = await listen(t, createServer(socket => { socket.on('error', () => {}).destroy() }))
  const helper = await start()
  assert.equal(await helper.ask(`127.0.0.1 ${endless} it:1 /`, never), `connected ${'y'.repeat(200)}`)
  assert.equal(await helper.ask(`127.0.0.1 ${mute} it:1 /`, never), 'connected ')
  assert.equal(await helper.ask('127.0.0.1 1', never), 'refused')
})

test('a helper whose question is given up ends', { skip }, async t => {
  const port = await listen(t, createServer(socket => { socket.on('error', () => {}) }))
  const helper = await start()
  const reason = new Error('enough')
  const stop = new AbortController()
  const asking = helper.ask(`127.0.0.1 ${port} it:1 /`, stop.signal)
  stop.abort(reason)
  await assert.rejects(asking, reason)
  assert.equal(helper.isOver(), true)
  await assert.rejects(helper.ask('127.0.0.1 1', never), { code: 'NOT_SUPPORTED' })
})

test('a helper ends with whoever started it, also when that is killed outright', { skip }, async () => {
  const url = new URL('../../../../src/agent/checks/helper.js', import.meta.url).href
  const script = `
    const { startHelper } = await import(${JSON.stringify(url)})
    const { openSync } = await import('node:fs')
    await startHelper(openSync('/proc/self/ns/net'), new AbortController().signal)
    console.log('up')`
  const starter = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(starter.stdout, 'data')
  const [helper = 0] = childrenOf(starter.pid ?? 0)
  assert.ok(existsSync(`/proc/${helper}`))
  starter.kill('SIGKILL')
  await eventually(() => !existsSync(`/proc/${helper}`), { withinMs: 30_000, reason: 'the end of the helper' })
})

test('a host without the programs says which', { skip }, async t => {
  const { PATH = '' } = process.env
  t.after(() => { process.env['PATH'] = PATH })
  process.env['PATH'] = '/nonexistent'
  await assert.rejects(start(), { code: 'NOT_SUPPORTED', message: /nsenter, bash.*ENOENT/ })
})

test('a process id that is another\'s by now opens no namespace', { skip }, async () => {
  await assert.rejects(openNetworkNamespace({ pid: process.pid, id: 'f'.repeat(64) }), { code: 'NOT_SUPPORTED', message: /is not of the container/ })
  await assert.rejects(openNetworkNamespace({ pid: 2 ** 22 + 1, id: 'f'.repeat(64) }), { code: 'NOT_SUPPORTED', message: /ENOENT/ })
})

test('helpers stay for looks that are close together, up to a number, and each cause of trouble is told once', async () => {
  const said: object[] = []
  const registry = new Registry()
  const all = helpers({ ...silentLog, warn: fields => { said.push(fields) } }, checkMetrics(registry))
  assert.equal(all.stay(60_000), false)
  let kept = 0
  while (all.stay(1000)) kept++
  assert.equal(kept, 1024)
  assert.match(await registry.metrics(), /^slipway_check_helpers 1024$/m)
  all.leave()
  assert.equal(all.stay(1000), true)
  for (const pid of [17, 4]) all.complain(new Error(`process ${pid} is gone`))
  assert.equal(said.length, 1)
})
