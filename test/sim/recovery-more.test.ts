import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { v1 } from '../../src/wire/messages.ts'
import { Cli } from '../support/cli-process.ts'
import { eventually } from '../support/eventually.ts'
import { keptRecords } from '../support/kept-records.ts'
import { startOwnAgent } from '../support/own-agent.ts'
import { startSimEngine } from '../support/sim-engine.ts'

test('a health check goes on after a restart: failures before it count, and health is not told anew', async () => {
  let status = 200
  const server = createServer((_, response) => { response.writeHead(status).end() }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await using engine = await startSimEngine()
  await using agent = await startOwnAgent(engine.socket)
  const framework = await agent.subscribe()
  const times = { delay_seconds: 0, interval_seconds: 0.2, timeout_seconds: 1, grace_period_seconds: 3600, consecutive_failures: 1 }
  const [id = ''] = await framework.launch({ shell: 'sleep 1000', info: { health_check: { type: 'HTTP', http: { port, path: '/' }, ...times } } })
  await eventually(() => framework.statuses.get(id)?.some(({ healthy }) => healthy === true) ?? false)
  await eventually(async () => await agent.metric('slipway_status_updates_pending') === 0)
  await agent.kill('SIGKILL')
  await agent.start()
  const again = await agent.subscribe({ id: { value: framework.frameworkId } })
  await eventually(async () => await agent.metric('slipway_checks_total{kind="HTTP",outcome="good"}') >= 3)
  assert.ok((again.statuses.get(id) ?? []).filter(({ healthy }) => healthy === true).length <= 1, 'it was told healthy before')
  status = 500                        // it was healthy once: the grace does not count any more
  const end = await again.end(id)
  assert.deepEqual([end.state, end.healthy], ['TASK_KILLED', false])
  server.close()
})

test('a detached task of the command line goes on over a restart, and is forgotten when it has ended', async () => {
  await using engine = await startSimEngine()
  await using agent = await startOwnAgent(engine.socket)
  const cliOf = async (): Promise<Cli> => {
    return new Cli({ SLIPWAY_MASTER: agent.url(), SLIPWAY_TOKEN: (await readFile(join(agent.workDir, 'auth-token'), 'utf8')).trim() })
  }
  const started = await (await cliOf()).run('run', '--detach', '--image', 'busybox', '--name', 'left', '--', 'sleep 1000')
  assert.equal(started.code, 0, started.stderr)
  await agent.kill('SIGKILL')
  await agent.start()
  const cli = await cliOf()
  assert.match((await cli.run('ps')).stdout, /left/)
  assert.equal((await cli.run('kill', 'left')).code, 0)
  await eventually(async () => { assert.deepEqual(await engine.containers(), []) })
  await eventually(async () => {
    const { task, update, framework, container } = await keptRecords(agent.workDir)
    assert.deepEqual([task, update, framework, container], [{}, {}, {}, {}], 'the master acknowledged for it, and nothing is left')
  }, { withinMs: 20_000 })
})

test('an agent whose agent.json is another one\'s does not start over the checkpoint', async () => {
  await using engine = await startSimEngine()
  await using agent = await startOwnAgent(engine.socket)
  await agent.kill('SIGTERM')
  await rm(join(agent.workDir, 'agent.json'))
  const { code, stderr } = await agent.startBadly()
  assert.notEqual(code, 0)
  assert.match(stderr, /was written by agent [\w-]+, and agent\.json there is that of/)
})

test('what tasks hold is taken from the offers after a restart, and comes back with their end', async () => {
  await using engine = await startSimEngine()
  await using agent = await startOwnAgent(engine.socket, { resources: 'cpus:2;mem:1024;disk:100;ports:[31000-31009]' })
  const framework = await agent.subscribe()
  const [id = ''] = await framework.launch({ shell: 'sleep 1000', cpus: 1.5 })
  await framework.until(id, 'TASK_RUNNING')
  await agent.kill('SIGKILL')
  await agent.start({ resources: 'cpus:1.6;mem:1024;disk:100;ports:[31000-31009]' })
  const again = await agent.subscribe({ id: { value: framework.frameworkId } })
  const offered = (): v1.Resource[] => again.offers.flatMap(({ resources = [] }) => resources).filter(({ name }) => name === 'cpus')
  const cpus = (): number => offered().reduce((sum, { scalar }) => sum + (scalar?.value ?? 0), 0)
  await eventually(() => again.offers.length > 0)
  assert.equal(Math.round(cpus() * 10) / 10, 0.1)
  await again.kill(id)
  await again.end(id)
  await eventually(() => Math.round(cpus() * 10) / 10 === 1.6)
})
