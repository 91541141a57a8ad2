import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { FastifyInstance } from 'fastify'
import { taskBook } from '../../../../src/agent/task-book.ts'
import { silentLog } from '../../../../src/base/log.ts'
import { startDoor } from '../../../../src/door/start-door.ts'
import type { FileInfo } from '../../../../src/operator/files/browse.ts'
import { fileRoutes } from '../../../../src/operator/files/file-routes.ts'
import { taskOf } from '../tasks.ts'
import { sandboxIn } from './sandboxes.ts'

interface Recorded {
  readonly note?: string
  readonly request: { readonly method: string, readonly path: string }
  readonly response: RecordedResponse
}

interface RecordedResponse {
  readonly status: number
  readonly headers: Array<[string, string]>
  readonly json?: unknown
  readonly body?: string
  readonly body_base64?: string
}

const folder = join('test', 'golden', 'agent-http')
const recordedWorkDir = '/var/lib/mesos'

/** The words of its path, and its files with their sizes and times, as they were when the requests were made. */
interface RecordedSandbox { readonly ids: string[], readonly files: Array<[string, number, number]> }

const first: RecordedSandbox = {
  ids: ['d155b5b8-f75b-462f-9e06-1b69d601bac3-S0', 'd155b5b8-f75b-462f-9e06-1b69d601bac3-0000', 'task-http', '7525c15e-dc1b-43c9-810e-84b18a2e0d81'],
  files: [['stdout', 13, 1795333654], ['stderr', 604, 1795333662]],
}

const second: RecordedSandbox = {
  ids: ['da7a642f-5859-42be-aa0d-4decb9437b1b-S0', 'da7a642f-5859-42be-aa0d-4decb9437b1b-0001', 'task-http2', '37f4f811-80c0-4f46-9df4-086623ae32a1'],
  files: [['dir/f', 2, 1795334028], ['bin', 3, 1795334028], ['stdout', 13, 1795334028], ['stderr', 342, 1795334028], ['dir', 0, 1795334028]],
}

const sandboxes = [first, second]

const content: Readonly<Record<string, Buffer>> = { stdout: Buffer.from('hello stdout\n'), bin: Buffer.from([0xc3, 0xbc, 0xff]) }

/** On purpose not as Mesos answers, each with its reason. */
const different: Readonly<Record<string, string>> = {
  '/files/browse.json': 'the older names are aliases here: tools of both times are served',
  '/files/read.json': 'the older names are aliases here: tools of both times are served',
}

function recordings (): Recorded[] {
  const lines = readFileSync(join(folder, 'errors_and_paths.jsonl'), 'utf8').split('\n').filter(line => line !== '').map(line => JSON.parse(line) as Recorded)
  // The agent's output while its task ran is not known byte for byte: of that time no listing is compared.
  const files = ['running', 'finished'].flatMap(when => readdirSync(join(folder, when))
    .filter(name => name.startsWith('files_') && !(when === 'running' && name.startsWith('files_browse')))
    .map(name => JSON.parse(readFileSync(join(folder, when, name), 'utf8')) as Recorded))
  return [...lines, ...files].filter(({ request: { path } }) => path.startsWith('/files/'))
}

/** A door over the sandbox of the recording, as it was. */
async function openAsRecorded (t: TestContext, path: string): Promise<{ url: string, workDir: string }> {
  const isMeant = ({ ids: [agentId = '', frameworkId = ''] }: RecordedSandbox): boolean => path.includes(agentId) || path.includes(frameworkId)
  const { ids, files } = sandboxes.find(isMeant) ?? first
  const sandbox = sandboxIn(t, ids)
  for (const [name, size, mtime] of files) {
    const file = join(sandbox.path, name)
    if (name.includes('/')) mkdirSync(join(file, '..'))
    if (name !== 'dir') writeFileSync(file, content[name] ?? Buffer.alloc(size), { mode: 0o644 })
    utimesSync(file, mtime, mtime)
  }
  const book = taskBook()
  const task = taskOf(ids[2], ids[1], ids[3])
  Object.assign(task.container.spec.sandbox, { hostPath: sandbox.path })
  book.add(task)
  const site = { workDir: sandbox.workDir, agentId: ids[0] ?? '' }
  const routes = (app: FastifyInstance): void => { fileRoutes(app, { site, book }) }
  const door = await startDoor({ ip: '127.0.0.1', port: 0, token: undefined, openPaths: [], log: silentLog, routes })
  door.ready = true
  t.after(() => door.close())
  return { url: door.url, workDir: sandbox.workDir }
}

/** What depends on who runs the test and on the file system. */
function comparable (value: unknown): unknown {
  if (!Array.isArray(value)) return value
  return (value as FileInfo[]).map(({ uid, gid, size, ...rest }) => ({ ...rest, types: [typeof uid, typeof gid], ...(!rest.mode.startsWith('d') && { size }) }))
}

for (const { note = '', request: { method, path }, response } of recordings()) {
  const name = `${method} ${path.slice(0, 20)}…${path.slice(-40)} ${note}`
  test(`${name} is answered as recorded`, { skip: different[path] ?? false }, async t => {
    const { url, workDir } = await openAsRecorded(t, path)
    const here = (text: string): string => text.replaceAll(recordedWorkDir, workDir)
    const answer = await fetch(url + here(path.replace('%2Fvar/lib/mesos', workDir.replaceAll('/', '%2F'))), { method })
    const bytes = Buffer.from(await answer.arrayBuffer())
    assert.equal(answer.status, response.status)
    for (const [header, value] of response.headers.filter(([header]) => ['Content-Type', 'Content-Disposition'].includes(header))) {
      assert.equal(answer.headers.get(header), value)
    }
    if (response.json !== undefined) assert.deepEqual(comparable(JSON.parse(bytes.toString())), comparable(JSON.parse(here(JSON.stringify(response.json)))))
    else if (response.body_base64 !== undefined) assert.deepEqual(bytes, Buffer.from(response.body_base64, 'base64'))
    else assert.equal(bytes.toString(), here(response.body ?? ''))
  })
}

test('the recordings are there', () => { assert.ok(recordings().length >= 40, `only ${recordings().length} requests`) })
