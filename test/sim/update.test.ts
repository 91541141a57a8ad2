import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startCliGround, type CliGround } from '../support/cli-ground.ts'
import { eventually } from '../support/eventually.ts'

let ground: CliGround
before(async () => { ground = await startCliGround() })
after(() => ground[Symbol.asyncDispose]())

interface Report { cpus: number, mem_bytes: number, state: string }

test('an update goes to the engine where the kernel is not to be seen; an engine that refuses it changes nothing', async () => {
  const { cli, agent, engine } = ground
  const run = cli.start('run', '--image', 'busybox', '--name', 'web', '--', 'sleep 100')
  const report = async (): Promise<Report> => JSON.parse((await cli.run('inspect', 'web', '--json')).stdout || '{}') as Report
  await eventually(async () => (await report()).state === 'running', { withinMs: 20_000, reason: 'a running task' })
  assert.equal((await cli.run('update', 'web', '--mem', '256', '--cpus', '2')).stdout, 'web: cpus 2, mem 256 MB\n')
  assert.equal(await agent.metric('slipway_updates_total{outcome="unseen"}'), 1)
  await engine.fault('update', 'refuse', { status: 500, message: 'cannot' })
  const refused = await cli.run('update', 'web', '--mem', '512')
  assert.equal(refused.code, 1)
  assert.match(refused.stderr, /cannot/)
  const { cpus, mem_bytes: memBytes } = await report()
  assert.deepEqual([cpus, memBytes], [2, 256 << 20])
  assert.equal((await cli.run('update', 'web')).code, 2)
  assert.equal((await cli.run('stats', 'web')).code, 1)
  await cli.run('kill', 'web', '--grace', '0s')
  await run.ended
})
