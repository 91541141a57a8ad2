import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Cli, type CliProcess } from '../support/cli-process.ts'
import { eventually } from '../support/eventually.ts'
import { startOwnAgent, type OwnAgent } from '../support/own-agent.ts'
import { startSimEngine, type SimEngine } from '../support/sim-engine.ts'

let engine: SimEngine
let agent: OwnAgent
let cli: Cli
before(async () => {
  engine = await startSimEngine()
  agent = await startOwnAgent(engine.socket, { resources: 'cpus:4;mem:4096;disk:1000' })
  cli = new Cli({ SLIPWAY_MASTER: agent.url(), SLIPWAY_TOKEN: (await readFile(join(agent.workDir, 'auth-token'), 'utf8')).trim() })
})
after(async () => {
  await agent[Symbol.asyncDispose]()
  await engine[Symbol.asyncDispose]()
})

/** It is found under the same address again. */
async function restart (signal: NodeJS.Signals, run: CliProcess, settings = {}): Promise<void> {
  const port = Number(new URL(agent.url()).port)
  await agent.kill(signal)
  await run.said(/trying again for 30 s/)
  await agent.start({ port, ...settings })
  await run.said(/slipway: the agent is back/)
}

const lines = Array.from({ length: 80 }, (_, i) => `line ${i}`)

for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
  test(`a run in the foreground goes on over an agent that ended by ${signal} and came back: each line once, and the task's exit code`, async () => {
    const run = cli.start('run', '--image', 'busybox', '--', `${lines.map(line => `echo ${line}; sleep 0.1`).join('; ')}; exit 7`)
    await run.said(/line 5\n/)
    await restart(signal, run)
    const { code, stdout, stderr } = await run.ended
    assert.deepEqual([code, stdout], [7, lines.map(line => `${line}\n`).join('')], stderr)
  })
}

test('a task that ended while the agent was away has its output and its exit code', async () => {
  const run = cli.start('run', '--image', 'busybox', '--', 'echo first; sleep 2; echo last; exit 3')
  await run.said(/first/)
  const port = Number(new URL(agent.url()).port)
  await agent.kill('SIGKILL')
  await eventually(async () => (await engine.containers()).every(({ state }) => state !== 'running'), { withinMs: 20_000, reason: 'its end' })
  await agent.start({ port })
  const { code, stdout, stderr } = await run.ended
  assert.deepEqual([code, stdout], [3, 'first\nlast\n'], stderr)
})

test('a run that waits for an offer takes one of the agent that came back', async () => {
  const run = cli.start('run', '--image', 'busybox', '--cpus', '8', '--', 'echo done')
  await run.said(/waiting for an offer that fits/)
  await restart('SIGKILL', run, { resources: 'cpus:16;mem:4096;disk:1000' })
  const { code, stdout, stderr } = await run.ended
  assert.deepEqual([code, stdout], [0, 'done\n'], stderr)
})

test('Ctrl-C while the agent is away kills the task when it is back', async () => {
  const run = cli.start('run', '--image', 'busybox', '--', 'echo up; sleep 100')
  await run.said(/up/)
  const port = Number(new URL(agent.url()).port)
  await agent.kill('SIGKILL')
  await run.said(/trying again for 30 s/)
  run.kill('SIGINT')
  await run.said(/the kill did not reach the agent/)
  await agent.start({ port })
  assert.equal((await run.ended).code, 143)
  await eventually(async () => (await engine.containers()).length === 0, { withinMs: 20_000, reason: 'that no container is left' })
})
