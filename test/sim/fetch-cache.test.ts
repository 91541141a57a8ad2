import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { v1 } from '../../src/wire/messages.ts'
import { Cli, mainFile } from '../support/cli-process.ts'
import { compressions } from '../support/compress.ts'
import { eventually } from '../support/eventually.ts'
import { diskUse } from '../support/fetch-cache.ts'
import { startOwnAgent, type OwnAgent } from '../support/own-agent.ts'
import { needsPrograms } from '../support/requires.ts'
import { startSimEngine } from '../support/sim-engine.ts'
import { tarOf } from '../support/tar.ts'
import type { TaskWish } from '../support/test-framework.ts'
import { startWebServer } from '../unit/workers/fetch/web-server.ts'

/** What a fetch left in a sandbox is looked for at once. */
const settings = { diskWatchInterval: '50ms' } as const

type Uri = v1.CommandInfo_URI

function withUris (id: string, ...uris: Uri[]): TaskWish {
  return { id, info: { command: { shell: true, value: 'echo hi', uris } } }
}

const cacheDir = (agent: OwnAgent): string => join(agent.workDir, 'fetch-cache')

/** All names below the sandboxes of the agent. */
function inSandboxes (agent: OwnAgent): string[] {
  return (readdirSync(join(agent.workDir, 'slaves'), { recursive: true }) as string[])
}

function isFetching (agent: OwnAgent, name: string): boolean {
  return inSandboxes(agent).some(path => path.includes('.slipway-fetch-') && path.endsWith(name))
}

async function settled (agent: OwnAgent): Promise<void> {
  await eventually(() => { assert.deepEqual(inSandboxes(agent).filter(path => path.includes('.slipway-fetch-')), []) })
  await eventually(() => { assert.deepEqual(readdirSync(join(cacheDir(agent), 'passing')), []) })
  await eventually(async () => { assert.equal(await agent.metric('slipway_fetch_cache_bytes'), diskUse(cacheDir(agent))) })
}

test('tasks share what is cached, over a restart too; it is listed, told in metrics, and removed', async () => {
  await using engine = await startSimEngine()
  await using agent = await startOwnAgent(engine.socket, settings)
  let asked = 0
  const page: RequestListener = (_request, response) => { asked++; response.end('content') }
  await using server = await startWebServer({ '/dir/app.txt?key=secret': page })
  const value = `${server.origin}/dir/app.txt?key=secret`
  const uri = { value, cache: true }
  const framework = await agent.subscribe()
  for (const id of ['one', 'two']) assert.equal((await framework.run(withUris(id, uri, { ...uri, output_file: 'sub/again' }))).state, 'TASK_FINISHED')
  await agent.kill('SIGKILL')
  await agent.start()
  const again = await agent.subscribe()
  assert.equal((await again.run(withUris('three', uri))).state, 'TASK_FINISHED')
  assert.equal(asked, 1)
  assert.equal(await agent.metric('slipway_fetch_cache_requests_total{outcome="hit"}'), 1)
  assert.equal(await agent.metric('slipway_fetch_cache_hit_bytes_total'), 7)
  await settled(agent)

  const cli = new Cli({ SLIPWAY_MASTER: agent.url(), SLIPWAY_TOKEN: readFileSync(join(agent.workDir, 'auth-token'), 'utf8').trim() })
  const { stdout } = await cli.run('cache', 'ls')
  assert.match(stdout, /^ID +URI +USER +MB +USED +USERS\n[0-9a-f-]{25} +http:\/\/127\.0\.0\.1:\d+\/dir\/app\.txt +- +0\.0 +\d+s +0\n$/)
  const { entries } = JSON.parse((await cli.run('cache', 'ls', '--json')).stdout) as { entries: [{ id: string, bytes: number }] }
  assert.deepEqual(entries.map(({ bytes }) => bytes), [7])
  const [{ id }] = entries
  const wrong = await cli.run('cache', 'rm', 'nothing')
  assert.deepEqual([wrong.code, /the cache has no entry 'nothing'/.test(wrong.stderr)], [1, true])
  assert.notEqual((await cli.run('cache', 'rm')).code, 0)
  assert.equal((await cli.run('cache', 'rm', id)).stdout, `${server.origin}/dir/app.txt: removed\n`)
  assert.deepEqual(JSON.parse((await cli.run('cache', 'rm', '--all', '--json')).stdout), { removed: [] })
  assert.equal((await agent.post('/slipway/v1/cache/remove', { entries: [1] })).status, 400)
  await settled(agent)
  assert.equal((await again.run(withUris('four', uri))).state, 'TASK_FINISHED')
  assert.equal(asked, 2)
})

test('an archive that is more than the settings allow fails its task, which is told the setting', async () => {
  await using engine = await startSimEngine()
  await using agent = await startOwnAgent(engine.socket, { ...settings, fetchArchiveEntries: 2 })
  const archive = join(agent.workDir, 'x.tar')
  writeFileSync(archive, tarOf([{ name: 'a' }, { name: 'b' }, { name: 'c' }]), { mode: 0o644 })
  const framework = await agent.subscribe()
  const { state, message = '' } = await framework.run(withUris('large', { value: archive, cache: true }))
  assert.equal(state, 'TASK_FAILED')
  assert.match(message, /x\.tar: cannot be extracted: it has more than 2 entries \(--fetch-archive-entries\)/)
  await settled(agent)
})

test('an agent that is killed in the middle of downloads leaves nothing of them, and the next one fetches anew', async () => {
  await using engine = await startSimEngine()
  await using agent = await startOwnAgent(engine.socket, settings)
  let isWhole = false
  let open = 0
  const page: RequestListener = (_request, response) => {
    open++
    response.on('close', () => { open-- }).writeHead(200, { 'content-length': 2e6 }).write(Buffer.alloc(1e6))
    if (isWhole) response.end(Buffer.alloc(1e6))
  }
  await using server = await startWebServer({ '/cached': page, '/plain': page })
  const uris = [{ value: `${server.origin}/cached`, cache: true }, { value: `${server.origin}/plain` }]
  const framework = await agent.subscribe()
  await framework.launch(withUris('cached', ...uris))
  await framework.launch(withUris('plain', ...uris.slice(1)))
  await eventually(() => open === 2 && isFetching(agent, 'plain') && readdirSync(join(cacheDir(agent), 'passing')).length === 1)
  await agent.kill('SIGKILL')
  await eventually(() => open === 0)
  isWhole = true
  await agent.start()
  await settled(agent)
  const again = await agent.subscribe()
  assert.equal((await again.run(withUris('again', ...uris))).state, 'TASK_FINISHED')
  await settled(agent)
})

/** An xz that is slow from its first megabyte on, as long as there is a file `slow` beside it. */
const slowXz = (xz: string): string => `#!/bin/sh
[ -e "$(dirname "$0")/slow" ] || exec ${xz} "$@"
${xz} "$@" | head -c 1000000
while printf '%1024s'; do sleep 0.05; done
`

test('an agent that is killed in the middle of an extraction leaves nothing of it, nor the program that unpacks', needsPrograms('xz'), async () => {
  const programs = mkdtempSync(join(tmpdir(), 'slipway-programs-'))
  writeFileSync(join(programs, 'xz'), slowXz(execFileSync('which', ['xz']).toString().trim()), { mode: 0o755 })
  writeFileSync(join(programs, 'slow'), '')
  await using engine = await startSimEngine()
  await using agent = await startOwnAgent(engine.socket, settings, { file: mainFile, env: { PATH: `${programs}:${process.env['PATH']}` } })
  const archive = join(agent.workDir, 'x.tar.xz')
  writeFileSync(archive, compressions.xz(tarOf([{ name: 'first', type: '5' }, { name: 'zeros', body: Buffer.alloc(20e6) }])), { mode: 0o644 })
  const uri = { value: archive, cache: true }
  const framework = await agent.subscribe()
  await framework.launch(withUris('cut', uri))
  await eventually(() => isFetching(agent, 'zeros'))
  assert.ok(isUnpacking(programs))
  await agent.kill('SIGKILL')
  await eventually(() => !isUnpacking(programs))
  rmSync(join(programs, 'slow'))
  await agent.start()
  await settled(agent)
  writeFileSync(archive, compressions.xz(tarOf([{ name: 'another' }])), { mode: 0o644 })
  const again = await agent.subscribe()
  assert.equal((await again.run(withUris('again', uri))).state, 'TASK_FINISHED')
  assert.ok(inSandboxes(agent).some(path => path.endsWith('/zeros')), 'it came from the cache')
  await settled(agent)
  rmSync(programs, { recursive: true })
})

/** Whether the program of this folder runs. */
function isUnpacking (programs: string): boolean {
  return readdirSync('/proc').filter(name => /^\d+$/.test(name)).some(pid => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`${programs}/xz`)
    } catch {
      return false
    }
  })
}
