import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { shellBlocks } from '../support/shell-blocks.ts'
import { startSimEngine } from '../support/sim-engine.ts'
import { startTestAgent } from '../support/test-agent.ts'

const isHere = (program: string): boolean => (process.env['PATH'] ?? '').split(delimiter).some(folder => existsSync(join(folder, program)))
const missing = ['bash', 'curl', 'sed', 'grep'].filter(program => !isHere(program))

test('the session of docs/API.md runs as written', { skip: missing.length > 0 && `it takes ${missing.join(', ')}` }, async t => {
  const script = shellBlocks('docs/API.md')
  const folder = await mkdtemp(join(tmpdir(), 'slipway-session-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket)
  const env = { PATH: process.env['PATH'], TMPDIR: folder, SLIPWAY_MASTER: agent.url, SLIPWAY_TOKEN: agent.token }
  const bash = spawn('bash', ['-euo', 'pipefail', '-c', script], { env, stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000, detached: true })
  // Its background jobs would hold its output open.
  bash.once('exit', () => { try { process.kill(-(bash.pid ?? 0), 'SIGKILL') } catch { /* all have ended */ } })
  const [, out, err] = await Promise.all([once(bash, 'exit'), text(bash.stdout), text(bash.stderr)])
  assert.equal(bash.exitCode, 0, `${out}\n${err}`)
  for (const expected of [
    /^\{"status":"serving","engine":"up".*\}$/m,
    /"task_id":"hello-1".*"task_state":"TASK_RUNNING"/,
    /^hello from curl\n\{"data":"from curl","offset":6\}$/m,
    /"path":"\/frameworks\/[^"]*\/runs\/latest\/stdout"/,
    /^\{"flags":\{.*"work_dir":/m,
    /"type":"task".*"state":"TASK_KILLED"/,
  ]) assert.match(out, expected)
})
