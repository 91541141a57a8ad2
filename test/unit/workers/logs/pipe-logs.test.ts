import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { getEventListeners } from 'node:events'
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { deferred } from '../../../../src/base/deferred.ts'
import { AgentError } from '../../../../src/model/errors.ts'
import { eventually } from '../../../support/eventually.ts'
import type { KnownFile, PipeInput } from '../../../../src/pool/jobs.ts'
import { pipeLogs } from '../../../../workers/logs/pipe-logs.ts'

const attachAnswer = 'HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n'

const frame = (stream: number, text: string): Buffer => Buffer.concat([Buffer.from([stream, 0, 0, 0, 0, 0, 0, text.length]), Buffer.from(text)])

const laying = { isNew: true, holdMs: 10_000, engineLogBytes: 10 << 20, rotation: { maxBytes: 0, maxFiles: 1 } }

function known (path: string): KnownFile {
  const { dev: device, ino: inode } = statSync(path)
  return { path, device, inode }
}

interface Pipe {
  readonly input: PipeInput
  /** The engine's end. */
  readonly engine: Promise<Socket>
  readonly result: Promise<unknown>
  readonly attached: Promise<void>
  readonly cancel: AbortController
  readonly stdoutPath: string
  readonly stderrPath: string
}

/** A pipe from a bare socket that answers an attach with `answer`. */
async function startPipe (t: TestContext, options: { answer?: string, stdout?: string, terminal?: boolean, isOver?: boolean } = {}): Promise<Pipe> {
  const { answer = attachAnswer, stdout, terminal, isOver = false } = options
  const folder = mkdtempSync(join(tmpdir(), 'slipway-pipe-'))
  const [stdoutPath, stderrPath] = [stdout ?? join(folder, 'stdout'), join(folder, 'stderr')]
  for (const path of [stdoutPath, stderrPath]) writeFileSync(path, '')
  const engine = deferred<Socket>()
  const server: Server = createServer(socket => {
    socket.on('error', () => {})
    socket.once('data', () => { socket.write(answer); engine.resolve(socket) })
  })
  const socketPath = join(folder, 'engine.sock')
  server.listen(socketPath)
  await once(server, 'listening')
  const attached = deferred()
  const cancel = new AbortController()
  const files = { stdout: known(stdoutPath), stderr: known(stderrPath), record: join(folder, 'record') }
  const input = { ...laying, isNew: !isOver, isOver, socketPath, id: 'c1', terminal, ...files }
  const result = pipeLogs(input, { signal: cancel.signal, progress: () => { attached.resolve() } })
  result.catch(() => {})
  t.after(async () => {
    cancel.abort()
    await result.catch(() => {})
    server.close()
    rmSync(folder, { recursive: true, force: true })
  })
  return { input, engine: engine.promise, result, attached: attached.promise, cancel, stdoutPath, stderrPath }
}

test('each stream goes to its file, until the engine ends the stream', async t => {
  const pipe = await startPipe(t)
  await pipe.attached
  const engine = await pipe.engine
  engine.write(Buffer.concat([frame(1, 'out '), frame(2, 'err')]))
  engine.end(frame(1, 'more'))
  assert.deepEqual(await pipe.result, { stdout: 8, stderr: 3 })
  assert.equal(readFileSync(pipe.stdoutPath, 'utf8'), 'out more')
  assert.equal(readFileSync(pipe.stderrPath, 'utf8'), 'err')
})

test('bytes are in the file while the container runs', async t => {
  const pipe = await startPipe(t)
  const engine = await pipe.engine
  engine.write(frame(1, 'early'))
  await eventually(() => readFileSync(pipe.stdoutPath, 'utf8') === 'early', { reason: 'the first bytes' })
})

test('a cancel ends the pipe with its reason, and lets go of files, socket and signal', async t => {
  const before = readdirSync('/proc/self/fd').length
  const pipe = await startPipe(t)
  await pipe.attached
  const engine = await pipe.engine
  const closed = once(engine, 'close')
  const reason = new AgentError('CANCELLED', 'the container is gone')
  pipe.cancel.abort(reason)
  await assert.rejects(pipe.result, error => error === reason)
  await closed
  assert.equal(getEventListeners(pipe.cancel.signal, 'abort').length, 0)
  await eventually(() => readdirSync('/proc/self/fd').length <= before + 1, { reason: 'all but the server\'s own file closed' })
})

const needsRoot = { skip: process.getuid?.() !== 0 && 'it takes root to mount a small disk' }

test('a full disk ends the pipe with DISK_FULL, and hangs up', needsRoot, async t => {
  const disk = mkdtempSync(join(tmpdir(), 'slipway-disk-'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4k', 'none', disk])
  t.after(() => {
    execFileSync('umount', ['-l', disk])
    rmSync(disk, { recursive: true })
  })
  const pipe = await startPipe(t, { stdout: join(disk, 'stdout') })
  const engine = await pipe.engine
  const closed = once(engine, 'close')
  for (let i = 0; i < 50; i++) engine.write(frame(1, 'x'.repeat(200)))
  await assert.rejects(pipe.result, { code: 'DISK_FULL' })
  await closed
})

test('an engine that refuses the attach is told in its own words', async t => {
  const body = JSON.stringify({ message: 'No such container: c1' })
  const answer = `HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
  const pipe = await startPipe(t, { answer })
  await assert.rejects(pipe.result, { code: 'ENGINE_REFUSED', message: 'No such container: c1' })
})

test('an engine that answers an attach without handing the output over is refused', async t => {
  const pipe = await startPipe(t, { answer: 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n' })
  const engine = await pipe.engine
  const closed = once(engine, 'close')
  await assert.rejects(pipe.result, { code: 'ENGINE_REFUSED', message: 'the engine did not hand the output over' })
  await closed
})

test('output that comes along with the engine\'s answer is not lost', async t => {
  const pipe = await startPipe(t, { answer: attachAnswer + frame(1, 'first').toString() })
  const engine = await pipe.engine
  engine.end(frame(1, ' and last'))
  assert.deepEqual(await pipe.result, { stdout: 14, stderr: 0 })
})

test('what comes from a terminal is taken as it is', async t => {
  const pipe = await startPipe(t, { terminal: true })
  const engine = await pipe.engine
  engine.end('one\r\ntwo')
  assert.deepEqual(await pipe.result, { stdout: 8, stderr: 0 })
  assert.equal(readFileSync(pipe.stdoutPath, 'utf8'), 'one\r\ntwo')
})

test('a stream that is none is refused, not written', async t => {
  const pipe = await startPipe(t)
  const engine = await pipe.engine
  engine.write('plain text that nobody framed')
  await assert.rejects(pipe.result, { code: 'ENGINE_REFUSED' })
  assert.equal(readFileSync(pipe.stdoutPath, 'utf8'), '')
})

test('no log files, no attach', async () => {
  const missing = (name: string): { path: string, device: number, inode: number } => ({ path: `/nowhere/${name}`, device: 0, inode: 0 })
  const result = pipeLogs({ ...laying, socketPath: '/nowhere', id: 'c1', record: '/nowhere/record', stdout: missing('stdout'), stderr: missing('stderr') },
    { signal: new AbortController().signal, progress: () => {} })
  await assert.rejects(result, { code: 'SANDBOX_FAILED' })
})

const logAnswer = (...frames: Buffer[]): string => {
  const body = Buffer.concat(frames).toString('latin1')
  return `HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: ${body.length}\r\n\r\n${body}`
}

test('the log of a container that has ended is read to its end once: a later run of the agent does not ask for it', async t => {
  const pipe = await startPipe(t, { isOver: true, answer: logAnswer(frame(1, '2026-01-02T03:04:05.123456789Z all\n')) })
  assert.deepEqual(await pipe.result, { stdout: 4, stderr: 0 })
  const said: string[] = []
  const again = { ...pipe.input, socketPath: '/nowhere/engine.sock' }
  assert.deepEqual(await pipeLogs(again, { signal: pipe.cancel.signal, progress: ({ kind }) => { said.push(kind) } }), { stdout: 0, stderr: 0 })
  assert.deepEqual(said, [])
  assert.equal(readFileSync(pipe.stdoutPath, 'utf8'), 'all\n')
})

test('what the engine says of its log is an error in its words; what it gave before is there', async t => {
  const trouble = frame(3, 'Error grabbing logs: error unmarshalling log entry\n')
  const pipe = await startPipe(t, { isOver: true, answer: logAnswer(frame(1, '2026-01-02T03:04:05.123456789Z one\n'), trouble) })
  await assert.rejects(pipe.result, { code: 'ENGINE_LOG_DAMAGED', message: 'Error grabbing logs: error unmarshalling log entry' })
  assert.equal(readFileSync(pipe.stdoutPath, 'utf8'), 'one\n')
})

test('where the log cannot be read that is marked, and known as the end of what can be counted', async t => {
  const pipe = await startPipe(t, { isOver: true })
  pipe.cancel.abort()
  await pipe.result.catch(() => {})
  const said: string[] = []
  await pipeLogs({ ...pipe.input, unreadable: 'it is gone' }, { signal: new AbortController().signal, progress: ({ kind }) => { said.push(kind) } })
  assert.deepEqual(said, ['gap'])
  assert.match(readFileSync(pipe.stdoutPath, 'utf8'), /^\n\[slipway\] \S+ it is gone\n$/)
  assert.equal('anchor' in JSON.parse(readFileSync(pipe.input.record, 'utf8')), false)
})
