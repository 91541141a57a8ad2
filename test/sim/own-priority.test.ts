import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { getPriority } from 'node:os'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { mainFile } from '../support/cli-process.ts'
import { startOwnAgent } from '../support/own-agent.ts'
import { needsPrograms } from '../support/requires.ts'
import { startSimEngine, type SimEngine } from '../support/sim-engine.ts'

const isNotRoot = process.getuid?.() !== 0 && 'it takes root to raise a priority'
const { skip: hasNoSetpriv } = needsPrograms('setpriv')
const hasNoAutogroup = !existsSync('/proc/self/autogroup') && 'this kernel does not group by sessions'

let engine: SimEngine
before(async () => { engine = await startSimEngine() })
after(async () => { await engine[Symbol.asyncDispose]() })

function nicesOf (pid: number): number[] {
  return [...new Set(readdirSync(`/proc/${pid}/task`).map(thread => getPriority(Number(thread))))]
}

function groupOf (pid: number): string {
  return readFileSync(`/proc/${pid}/autogroup`, 'utf8').trim()
}

test('an agent goes before others on its host, with all its threads, and its terminal does not', { skip: isNotRoot }, async () => {
  const ours = hasNoAutogroup === false ? groupOf(process.pid) : ''
  await using agent = await startOwnAgent(engine.socket)
  assert.deepEqual(nicesOf(agent.pid()), [-10])
  if (ours !== '') assert.equal(groupOf(process.pid), ours)
})

test('an agent that has a session of its own has it go before others', { skip: isNotRoot || hasNoAutogroup }, async () => {
  await using agent = await startOwnAgent(engine.socket, { nice: '-7' }, { file: mainFile, env: {}, hasOwnSession: true })
  assert.deepEqual(nicesOf(agent.pid()), [-7])
  assert.match(groupOf(agent.pid()), / nice -7$/)
})

test('with 0 an agent stays as it was started', async () => {
  await using agent = await startOwnAgent(engine.socket, { nice: '0' }, { file: mainFile, env: {}, hasOwnSession: true })
  assert.deepEqual(nicesOf(agent.pid()), [getPriority()])
})

test('an agent that may not go before others says so and goes on', { skip: isNotRoot || hasNoSetpriv }, () => {
  const module = fileURLToPath(new URL('../../src/own-priority.js', import.meta.url))
  const program = `import { setOwnPriority } from '${module}'; setOwnPriority(-10, { info: (fields, text) => console.log(text, JSON.stringify(fields)) })`
  const run = spawnSync('setpriv', ['--bounding-set', '-sys_nice', '--inh-caps', '-sys_nice', process.execPath, '--input-type=module', '-e', program])
  assert.match(run.stdout.toString(), /^the agent keeps the priority that it was started with \{"nice":-10,"error":"[^"]*(EACCES|permission denied)/)
  assert.equal(run.status, 0)
})
