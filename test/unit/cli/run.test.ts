import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import { deferred } from '../../../src/base/deferred.ts'
import { taskFromOptions } from '../../../src/cli/task-info.ts'
import { runTask, type TaskEnd } from '../../../src/cli/task-run.ts'
import { AgentError } from '../../../src/model/errors.ts'
import { offer, startFakeMaster, type FakeMaster, type FakeMasterOptions } from '../../support/fake-master.ts'

const wish = taskFromOptions({ name: 'it', image: 'i', cpus: 1, mem: 64, net: 'host', shell: true }, ['true'], {})
const exited = (code: number) => ({ labels: { labels: [{ key: 'slipway.exit_code', value: String(code) }] } })

class Collector extends Writable {
  readonly chunks: Buffer[] = []
  override _write (chunk: Buffer, _encoding: string, done: () => void): void { this.chunks.push(chunk); done() }
  get text (): string { return Buffer.concat(this.chunks).toString('utf8') }
}

interface Ran { end: TaskEnd | undefined, error: unknown, stdout: Collector, stderr: Collector, master: FakeMaster }

type Interference = (stop: AbortController, leave: AbortController) => void

/** Runs the task against a master that behaves as given; `during` may interfere. */
async function ran (options: FakeMasterOptions, during: Interference = () => {}, more = {}): Promise<Ran> {
  await using master = await startFakeMaster({ offers: [offer(4, 1024)], ...options })
  const [stdout, stderr, stop, leave] = [new Collector(), new Collector(), new AbortController(), new AbortController()]
  during(stop, leave)
  const settings = { screen: { stdout, stderr }, stop: stop.signal, leave: leave.signal, ...more }
  const [result] = await Promise.allSettled([runTask({ url: master.url, token: options.token }, wish, settings)])
  const seen = { stdout, stderr, master }
  if (result.status === 'rejected') return { end: undefined, error: result.reason, ...seen }
  return { end: result.value, error: undefined, ...seen }
}

test('a task runs: accepted once, updates acknowledged, output byte for byte, its exit code, the framework torn down', async () => {
  const noise = randomBytes(300_000)
  const { end, stdout, stderr, master } = await ran({
    onCall (call, master) {
      if (call.type !== 'ACCEPT') return
      for (const state of ['TASK_STARTING', 'TASK_RUNNING'] as const) master.update(state)
      master.update('TASK_FAILED', exited(7))
    },
    onLogs (request, response) { response.end(request.url?.includes('stdout') ? noise : 'err\n') },
  })
  assert.deepEqual(end, { exitCode: 7, told: undefined, containerId: 'c0ffee00-0000-4000-8000-000000000000' })
  assert.ok(Buffer.concat(stdout.chunks).equals(noise))
  assert.equal(stderr.text, 'err\n')
  assert.deepEqual(master.calls.map(call => call.type), ['ACCEPT', 'SUPPRESS', 'ACKNOWLEDGE', 'ACKNOWLEDGE', 'ACKNOWLEDGE', 'TEARDOWN'])
  const acknowledged = master.calls.flatMap(call => call.acknowledge ? [Buffer.from(call.acknowledge.uuid).toString()] : [])
  assert.deepEqual(acknowledged, ['TASK_STARTING', 'TASK_RUNNING', 'TASK_FAILED'])
  assert.equal(master.calls[0]?.framework_id?.value, 'M-0000')
})

test('output that comes after the terminal update is waited for', async () => {
  const release = deferred()
  const { stdout } = await ran({
    onCall (call, master) {
      if (call.type === 'ACCEPT') master.update('TASK_FINISHED', exited(0))
      if (call.type === 'ACKNOWLEDGE') release.resolve()
    },
    onLogs (_request, response) {
      response.write('first ')
      void release.promise.then(() => { response.end('last') })
    },
  })
  assert.equal(stdout.text, 'first last')
})

test('a log connection that breaks is taken up again where it broke', async () => {
  const { stdout, master } = await ran({
    onCall: (call, master) => { if (call.type === 'ACCEPT') master.update('TASK_FINISHED', exited(0)) },
    onLogs (request, response) {
      const from = Number(new URL(String(request.url), 'http://x').searchParams.get('offset'))
      if (request.url?.includes('stderr')) response.end()
      else if (from > 0) response.end('0123456789'.slice(from))
      else response.write('0123', () => { setImmediate(() => { response.destroy() }) })
    },
  })
  assert.equal(stdout.text, '0123456789')
  assert.ok(master.logRequests.some(path => path.endsWith('offset=4')), master.logRequests.join())
})

test('a task that never started ends 125 with state, reason, message and a hint', async () => {
  const { end, stderr } = await ran({
    onCall (call, master) {
      const labels = { labels: [{ key: 'slipway.error_code', value: 'IMAGE_NOT_FOUND' }] }
      const failure = { reason: 'REASON_CONTAINER_LAUNCH_FAILED', message: 'pull failed: no such image', labels } as const
      if (call.type === 'ACCEPT') master.update('TASK_FAILED', failure)
    },
    onLogs: (_request, response) => { response.writeHead(404).end() },
  })
  assert.equal(end?.exitCode, 125)
  assert.match(end.told ?? '', /^task it: TASK_FAILED \(REASON_CONTAINER_LAUNCH_FAILED\): pull failed: no such image\n/)
  assert.match(end.told ?? '', /\n {2}IMAGE_NOT_FOUND: The registry has no such image/)
  assert.equal(stderr.text, '')
})

test('output that cannot be had is told of, and the exit code stands', async () => {
  const { end, stderr } = await ran({
    onCall: (call, master) => { if (call.type === 'ACCEPT') master.update('TASK_FAILED', exited(3)) },
    onLogs: (_request, response) => { response.writeHead(404).end('{"error":{"code":"NOT_FOUND","message":"no such container"}}') },
  })
  assert.equal(end?.exitCode, 3)
  assert.match(stderr.text, /answered 404: no such container/)
})

test('an offer that does not fit is declined, and what was asked and offered is told when time is up', async () => {
  const { end, master } = await ran({ offers: [offer(0.5, 1024)] }, () => {}, { offerTimeoutMs: 100 })
  assert.equal(end?.exitCode, 125)
  assert.equal(end.told, 'no offer fits; asked for cpus 1, mem 64, offered cpus 0.5, mem 1024')
  assert.equal(master.calls[0]?.type, 'DECLINE')
})

test('a task whose offer was gone tries the next one', async () => {
  let accepts = 0
  const { end, master } = await ran({
    onCall (call, master) {
      if (call.type !== 'ACCEPT') return
      if (++accepts === 1) master.update('TASK_LOST', { reason: 'REASON_INVALID_OFFERS', uuid: undefined, container_status: undefined })
      else master.update('TASK_FINISHED', exited(0))
    },
  })
  assert.equal(end?.exitCode, 0)
  assert.equal(accepts, 2)
  assert.ok(master.calls.some(call => call.type === 'REVIVE'))
})

test('the first interrupt kills the task and waits for its end', async () => {
  const stopping = new AbortController()
  const { end, master } = await ran({
    onCall (call, master) {
      if (call.type === 'ACCEPT') master.update('TASK_RUNNING')
      if (call.type === 'ACKNOWLEDGE' && !stopping.signal.aborted) stopping.abort()
      if (call.type === 'KILL') master.update('TASK_KILLED', exited(143))
    },
  }, stop => { stopping.signal.addEventListener('abort', () => { stop.abort() }) })
  assert.equal(end?.exitCode, 143)
  assert.match(end.told ?? '', /TASK_KILLED/)
  assert.equal(master.calls.filter(call => call.type === 'KILL').length, 1)
})

test('an interrupt before there is a task ends 130 without one', async () => {
  const { end, master } = await ran({ offers: [] }, stop => { setImmediate(() => { stop.abort() }) })
  assert.equal(end?.exitCode, 130)
  assert.ok(!master.calls.some(call => call.type === 'ACCEPT'))
})

test('an interrupt does not wait for a master that does not answer', async () => {
  const server = createServer(() => {}).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const stop = new AbortController()
  server.once('request', () => { stop.abort() })
  const settings = { screen: { stdout: new Collector(), stderr: new Collector() }, stop: stop.signal, leave: new AbortController().signal }
  const end = await runTask({ url: `http://127.0.0.1:${port}`, token: undefined }, wish, settings)
  assert.equal(end.exitCode, 130)
  server.closeAllConnections()
  server.close()
})

test('an interrupt before the task runs ends 130, whatever becomes of it', async () => {
  const stopping = new AbortController()
  const { end } = await ran({
    onCall (call, master) {
      if (call.type === 'SUPPRESS') stopping.abort()
      if (call.type === 'KILL') master.update('TASK_KILLED', { reason: 'REASON_TASK_KILLED_DURING_LAUNCH' })
    },
  }, stop => { stopping.signal.addEventListener('abort', () => { stop.abort() }) })
  assert.deepEqual([end?.exitCode, end?.told], [130, 'interrupted before the task ran'])
})

test('a second interrupt leaves at once though the task goes on', async () => {
  const running = deferred()
  const { error } = await ran({
    onCall (call, master) {
      if (call.type === 'ACCEPT') master.update('TASK_RUNNING')
      if (call.type === 'ACKNOWLEDGE') running.resolve()
    },
    onLogs: (_request, response) => { response.write('…') },
  }, (_stop, leave) => { void running.promise.then(() => { leave.abort(new Error('left')) }) })
  assert.equal((error as Error).message, 'left')
})

test('a second interrupt does not wait for output that is still to come', async () => {
  const ended = deferred()
  const { error } = await ran({
    onCall (call, master) {
      if (call.type === 'ACCEPT') master.update('TASK_FINISHED', exited(0))
      if (call.type === 'ACKNOWLEDGE') ended.resolve()
    },
    onLogs: (_request, response) => { response.write('…') },
  }, (_stop, leave) => { void ended.promise.then(() => { setImmediate(() => { leave.abort(new Error('left')) }) }) })
  assert.equal((error as Error).message, 'left')
})

test('an agent that dies in the middle and does not come back is told of', async () => {
  const { error } = await ran({
    onCall (call, master) {
      if (call.type === 'ACCEPT') master.update('TASK_RUNNING')
      if (call.type === 'ACKNOWLEDGE') void master.die()
    },
    onLogs: (_request, response) => { response.write('…') },
  }, () => {}, { returnMs: 300 })
  assert.ok(error instanceof AgentError, String(error))
  assert.equal(error.code, 'AGENT_UNREACHABLE')
})

test('a reader of our output that has gone ends the task', async () => {
  await using master = await startFakeMaster({
    offers: [offer(4, 1024)],
    onCall (call, master) {
      if (call.type === 'ACCEPT') master.update('TASK_RUNNING')
      if (call.type === 'KILL') master.update('TASK_KILLED', exited(137))
    },
    onLogs: (request, response) => { if (request.url?.includes('stderr')) response.end(); else response.write('y\n') },
  })
  const stdout = new Writable({ write (_chunk, _encoding, done) { done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })) } })
  stdout.on('error', () => {})
  const stderr = new Collector()
  const never = new AbortController().signal
  const end = await runTask({ url: master.url, token: undefined }, wish, { screen: { stdout, stderr }, stop: never, leave: never })
  assert.equal(end.exitCode, 137)
  assert.equal(end.told, undefined)
  assert.equal(stderr.text, '')
})

test('a token that is missing or wrong is UNAUTHORIZED, the right one opens', async () => {
  await using master = await startFakeMaster({ token: 'right', offers: [] })
  const never = new AbortController().signal
  const settings = { screen: { stdout: new Collector(), stderr: new Collector() }, stop: AbortSignal.abort(), leave: never }
  for (const token of [undefined, 'wrong']) {
    await assert.rejects(runTask({ url: master.url, token }, wish, settings), { code: 'UNAUTHORIZED' })
  }
  const end = await runTask({ url: master.url, token: 'right' }, wish, settings)
  assert.equal(end.exitCode, 130)
})

test('an address where nobody answers is AGENT_UNREACHABLE', async () => {
  const master = await startFakeMaster()
  await master.die()
  const never = new AbortController().signal
  const settings = { screen: process, stop: never, leave: never }
  await assert.rejects(runTask({ url: master.url, token: undefined }, wish, settings), { code: 'AGENT_UNREACHABLE' })
})
