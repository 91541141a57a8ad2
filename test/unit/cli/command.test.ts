import assert from 'node:assert/strict'
import { execFile, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { offer, startFakeMaster } from '../../support/fake-master.ts'

const main = fileURLToPath(new URL('../../../src/main.js', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'slipway-cli-'))
after(() => { rmSync(folder, { recursive: true }) })

type Kill = (signal: NodeJS.Signals) => void
interface Ended { code: number | null, signal: string | null, stdout: string, stderr: string }

const exited = (code: number) => ({ labels: { labels: [{ key: 'slipway.exit_code', value: String(code) }] } })

/** The command itself, as a process, in an environment that has nothing of ours. */
function slipway (words: string[], env: Record<string, string> = {}, onSpawn: (kill: Kill) => void = () => {}): Promise<Ended> {
  return new Promise(resolve => {
    const options = { env: { PATH: process.env['PATH'], SLIPWAY_WORK_DIR: folder, ...env }, timeout: 30_000 }
    const child = execFile(process.execPath, [main, ...words], options, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode, signal: child.signalCode, stdout, stderr })
    })
    onSpawn(signal => { child.kill(signal) })
  })
}

test('run brings stdout, stderr and exit code of the task to the shell, and ends by itself', async () => {
  await using master = await startFakeMaster({
    token: 'secret', offers: [offer(4, 1024)],
    onCall: (call, master) => { if (call.type === 'ACCEPT') master.update('TASK_FAILED', exited(7)) },
    onLogs: (request, response) => { response.end(request.url?.includes('stdout') ? 'out\n' : 'err\n') },
  })
  writeFileSync(join(folder, 'auth-token'), 'secret\n')
  const ended = await slipway(['run', '--image', 'i', '--', 'exit 7'], { SLIPWAY_MASTER: master.url })
  assert.deepEqual(ended, { code: 7, signal: null, stdout: 'out\n', stderr: 'err\n' })
})

test('run ends 125 where nobody answers and where the token is refused, and says what to do', async () => {
  await using master = await startFakeMaster({ token: 'secret' })
  const refused = await slipway(['run', '--image', 'i'], { SLIPWAY_MASTER: master.url, SLIPWAY_TOKEN: 'mistaken' })
  assert.equal(refused.code, 125)
  assert.match(refused.stderr, /refuses the token\n.*UNAUTHORIZED.*SLIPWAY_TOKEN or --token-file/)
  assert.doesNotMatch(refused.stderr, /mistaken/)
  await master.die()
  const unreachable = await slipway(['run', '--image', 'i'], { SLIPWAY_MASTER: master.url })
  assert.equal(unreachable.code, 125)
  assert.match(unreachable.stderr, /no answer from .* \(ECONNREFUSED\)\n {2}AGENT_UNREACHABLE/)
})

test('a Ctrl-C that npm doubles is one: the task is killed and its end awaited', async () => {
  let interrupt: Kill = () => {}
  await using master = await startFakeMaster({
    offers: [offer(4, 1024)],
    onCall (call, master) {
      if (call.type === 'ACCEPT') master.update('TASK_RUNNING')
      if (call.type === 'ACKNOWLEDGE' && master.calls.length < 4) for (const signal of ['SIGINT', 'SIGTERM'] as const) interrupt(signal)
      if (call.type === 'KILL') setTimeout(() => { master.update('TASK_KILLED', exited(137)) }, 50)
    },
  })
  const ended = await slipway(['run', '--image', 'i'], { SLIPWAY_MASTER: master.url }, kill => { interrupt = kill })
  assert.equal(ended.code, 137)
  assert.match(ended.stderr, /TASK_KILLED/)
})

test('usage faults end 2, from commander and from us alike', async () => {
  const faults = [['run'], ['run', '--image', 'i', '--net', 'container:x'], ['run', '--image', 'i', '-e', 'NOT_SET_HERE'], ['kill'], ['frob'],
    ['agent', '--port', 'x'], ['run', '--image', 'i', '--master', 'ftp://h'], ['agent', '--config', '/not/there']]
  for (const { code, stderr } of await Promise.all(faults.map(words => slipway(words)))) {
    assert.equal(code, 2, stderr)
    assert.notEqual(stderr, '')
  }
})

test('kill names the task, its framework and grace to the agent; a refusal is told with its own words', async () => {
  await using master = await startFakeMaster({})
  const done = await slipway(['kill', 'web', '--framework', 'F', '--grace', '1.5s', '--master', master.url])
  assert.equal(done.code, 0)
  assert.deepEqual(master.kills, [{ task_id: 'web', framework_id: 'F', grace_seconds: 1.5 }])

  const error = { error: { code: 'AMBIGUOUS', message: 'several frameworks have a task web', hint: '' } }
  await using refusing = await startFakeMaster({ onKill: response => { response.writeHead(409).end(JSON.stringify(error)) } })
  const refused = await slipway(['kill', 'web', '--master', refusing.url])
  assert.equal(refused.code, 1)
  assert.match(refused.stderr, /answered 409: several frameworks have a task web/)
})

test('help is there at once and survives a reader that has gone', async () => {
  const { code, stdout } = await slipway(['run', '--help'])
  assert.equal(code, 0)
  assert.match(stdout, /Ctrl-C kills the task/)
})

test('a task file is sent as it stands, with what it lacks filled in', async () => {
  await using master = await startFakeMaster({
    offers: [offer(4, 1024)],
    onCall: (call, master) => { if (call.type === 'ACCEPT') master.update('TASK_FINISHED') },
  })
  const file = join(folder, 'task.json')
  const kill_policy = { grace_period: { nanoseconds: 5 } }
  const container = { type: 'DOCKER', docker: { image: 'i' } }
  writeFileSync(file, JSON.stringify({ container, command: { shell: true, value: 'x' }, kill_policy }))
  const { code, stderr } = await slipway(['run', '--task-file', file, '--cpus', '2'], { SLIPWAY_MASTER: master.url })
  assert.equal(code, 0, stderr)
  const task = master.calls[0]?.accept?.operations?.[0]?.launch?.task_infos?.[0]
  assert.deepEqual([task?.name, task?.task_id.value, task?.agent_id.value], ['task', 'task', 'M-S0'])
  assert.deepEqual([task?.resources?.[0]?.scalar?.value, task?.kill_policy], [2, kill_policy])

  writeFileSync(file, '{"command":{"shell":"perhaps"}}')
  const faulty = await slipway(['run', '--task-file', file], { SLIPWAY_MASTER: master.url })
  assert.notEqual(faulty.code, 0)
  assert.match(faulty.stderr, /is no TaskInfo: .*shell/)
})

test('output that a full disk does not take is told, and is no success', () => {
  const { status, stderr } = spawnSync('sh', ['-c', '"$0" "$@" > /dev/full', process.execPath, main, 'version'], { encoding: 'utf8', timeout: 30_000 })
  assert.equal(status, 1)
  assert.match(stderr, /^slipway: not all output could be written: ENOSPC/)
})

test('what the agent makes is for nobody else to write, whatever umask it was started with', async () => {
  const workDir = join(folder, 'loose')
  const words = [main, 'agent', '--port', '0', '--work-dir', workDir, '--docker-socket', '/not/there']
  const child = spawn('sh', ['-c', 'umask 000; exec "$0" "$@"', process.execPath, ...words], { stdio: ['ignore', 'pipe', 'ignore'], timeout: 30_000 })
  let log = ''
  for await (const chunk of child.stdout) if ((log += String(chunk)).includes('agent is ready')) break
  assert.match(log, /agent is ready/)
  const modes = ['', 'agent.json', 'agent.pid', 'auth-token'].map(name => statSync(join(workDir, name)).mode & 0o777)
  assert.deepEqual(modes, [0o755, 0o644, 0o644, 0o600])
  child.kill('SIGTERM')
  if (child.exitCode === null) await once(child, 'exit')
})
