import assert from 'node:assert/strict'
import { test } from 'node:test'
import { labels } from '../../src/model/container-spec.ts'
import { askEngine } from '../support/engine-api.ts'
import { eventually } from '../support/eventually.ts'
import { startSimEngine, type SimEngine } from '../support/sim-engine.ts'
import { startTestAgent } from '../support/test-agent.ts'
import type { TaskWish } from '../support/test-framework.ts'
import type { CallName } from './engine/call-names.ts'

const settings = { createNetworks: 'app,team-*', exitPollInterval: '50ms', createTimeout: '500ms', removeTimeout: '500ms' }

/** A task on this network, with an alias if one is given. */
function on (network: string, alias?: string, shell = 'sleep 100'): TaskWish {
  const resources = [{ name: 'cpus', type: 'SCALAR', scalar: { value: 0.1 } }, { name: 'mem', type: 'SCALAR', scalar: { value: 32 } }] as const
  const container = { type: 'DOCKER', docker: { image: 'busybox:latest', network: 'USER' }, network_infos: [{ name: network }] } as const
  const info = { resources: [...resources], container: { ...container, network_infos: [...container.network_infos] } }
  return { shell, info, ...(alias !== undefined && { labels: { 'slipway.alias': alias } }) }
}

async function count (engine: SimEngine, name: CallName): Promise<number> {
  return (await engine.calls()).filter(({ call }) => call === name).length
}

async function noNetworks (engine: SimEngine): Promise<void> {
  await eventually(async () => { assert.deepEqual(await engine.networks(), []) }, { withinMs: 20_000, reason: 'an engine without networks' })
}

test('a network that many want at once is made once, labelled as ours, and removed after the last', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket, settings)
  const framework = await agent.subscribe()
  const ids = await framework.launch(...Array.from({ length: 12 }, () => on('app')))
  for (const id of ids) await framework.until(id, 'TASK_RUNNING')
  const [network, other] = await engine.networks()
  assert.equal(other, undefined)
  assert.match(network?.name ?? '', /^slipway\.[0-9a-f]{12}\.app$/)
  assert.deepEqual(network?.labels, { [labels.agent]: agent.instanceId, [labels.framework]: framework.frameworkId, [labels.network]: 'app' })
  assert.equal(await count(engine, 'createNetwork'), 1)
  const [last = '', ...others] = ids
  for (const id of others) await framework.kill(id, 0)
  for (const id of others) await framework.end(id)
  assert.equal((await engine.networks()).length, 1)
  await framework.kill(last, 0)
  await framework.end(last)
  await noNetworks(engine)
})

test('each framework has its own network of one name, and both names there; on somebody else\'s it has the qualified one alone', async () => {
  await using engine = await startSimEngine()
  await askEngine(engine.socket, 'POST /networks/create', { body: { Name: 'team-shared' } })
  await using agent = await startTestAgent(engine.socket, { ...settings, allowNetworks: 'team-shared' })
  const frameworks = [await agent.subscribe('a'), await agent.subscribe('b')] as const
  const places: Array<[network: string, aliases: string[]]> = []
  for (const framework of frameworks) {
    for (const network of ['app', 'team-shared']) {
      const [id = ''] = await framework.launch(on(network, 'Web'))
      await framework.until(id, 'TASK_RUNNING')
      const body = (await engine.containers()).find(one => one.labels[labels.task] === id)?.body as { NetworkingConfig?: { EndpointsConfig: object } }
      for (const [name, { Aliases }] of Object.entries(body.NetworkingConfig?.EndpointsConfig ?? {}) as Array<[string, { Aliases: string[] }]>) {
        places.push([name, Aliases])
      }
    }
  }
  const [a, b] = frameworks.map(({ frameworkId }) => `web.${frameworkId}`)
  assert.deepEqual(places.map(([, aliases]) => aliases), [['web', a], [a], ['web', b], [b]])
  const [ownOfA, sharedOfA, ownOfB, sharedOfB] = places.map(([network]) => network)
  assert.notEqual(ownOfA, ownOfB)
  assert.deepEqual([sharedOfA, sharedOfB], ['team-shared', 'team-shared'])
  await agent.stop()
  assert.deepEqual((await engine.networks()).map(({ name }) => name), ['team-shared'], 'what is not ours stays')
})

test('a network that tasks may use and that is not there is made only where that is allowed', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket, { ...settings, allowNetworks: 'elsewhere,team-both' })
  const framework = await agent.subscribe()
  const { state, message, labels: words } = await framework.run(on('elsewhere'))
  assert.equal(state, 'TASK_FAILED')
  assert.match(message ?? '', /create failed: container\.network_infos\[0\]\.name: the engine has no network elsewhere for tasks$/)
  assert.equal(words?.labels?.find(({ key }) => key === 'slipway.error_code')?.value, 'NETWORK_NOT_FOUND')
  assert.equal((await framework.run(on('team-both', undefined, 'true'))).state, 'TASK_FINISHED')
  assert.equal(await count(engine, 'createNetwork'), 1)
  await noNetworks(engine)
})

test('a framework\'s own network is nobody else\'s to name', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket, { ...settings, allowNetworks: '*' })
  const framework = await agent.subscribe()
  const [id = ''] = await framework.launch(on('app'))
  await framework.until(id, 'TASK_RUNNING')
  const [network] = await engine.networks()
  const byName = await framework.run(on(network?.name ?? ''))
  assert.match(byName.message ?? '', /container\.network_infos\[0\]\.name is no network's name/)
  assert.match((await framework.run(on(network?.id ?? ''))).message ?? '', /the engine has no network [0-9a-f]{64} for tasks/)
})

for (const how of ['refuse', 'drop', 'hang'] as const) {
  test(`an engine that answers the making of a network with "${how}" fails one task by name, not the next, and nothing is left`, async () => {
    await using engine = await startSimEngine()
    await using agent = await startTestAgent(engine.socket, settings)
    const framework = await agent.subscribe()
    await engine.fault('createNetwork', how, { times: 1 })
    const { state, message } = await framework.run(on('app'))
    assert.equal(state, 'TASK_FAILED')
    assert.match(message ?? '', /create failed/)
    await engine.release()
    assert.equal((await framework.run(on('app', undefined, 'true'))).state, 'TASK_FINISHED')
    await noNetworks(engine)
  })
}

test('a network that came to be after it was given up is swept', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket, settings)
  const framework = await agent.subscribe()
  await engine.fault('createNetwork', 'late', { ms: 1_500, times: 1 })
  assert.equal((await framework.run(on('app'))).state, 'TASK_FAILED')
  await eventually(async () => (await engine.networks()).length === 1, { reason: 'the late network' })
  await noNetworks(engine)
})

test('a removal that the engine refuses is tried again, in the end by the sweep; a task in the meantime finds its network', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket, settings)
  const framework = await agent.subscribe()
  await engine.fault('removeNetwork', 'refuse', { times: 7 })
  assert.equal((await framework.run(on('app', undefined, 'true'))).state, 'TASK_FINISHED')
  await eventually(async () => await count(engine, 'removeNetwork') >= 2)
  const [id = ''] = await framework.launch(on('app'))
  await framework.until(id, 'TASK_RUNNING')
  assert.equal((await engine.networks()).length, 1)
  await framework.kill(id, 0)
  await framework.end(id)
  await noNetworks(engine)
})

test('what an earlier run has left is removed at the start; networks of other instances and of nobody stay', async () => {
  await using engine = await startSimEngine()
  const make = (name: string, agent?: string): Promise<unknown> =>
    askEngine(engine.socket, 'POST /networks/create', { body: { Name: name, Labels: agent === undefined ? {} : { [labels.agent]: agent } } })
  await using first = await startTestAgent(engine.socket, settings)
  await make('slipway.000000000000.app', first.instanceId)
  await make('slipway.111111111111.app', 'somebody-else')
  await make('mine')
  await eventually(async () => {
    assert.deepEqual((await engine.networks()).map(({ name }) => name), ['slipway.111111111111.app', 'mine'])
  }, { withinMs: 20_000, reason: 'the sweep' })
})

test('a kill while the network is being made leaves neither container nor network', async () => {
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket, { ...settings, createTimeout: '20s' })
  const framework = await agent.subscribe()
  await engine.fault('createNetwork', 'late', { ms: 1_000, times: 1 })
  const [id = ''] = await framework.launch(on('app'))
  await eventually(async () => await count(engine, 'createNetwork') === 1)
  await framework.kill(id, 0)
  assert.equal((await framework.end(id)).state, 'TASK_KILLED')
  await noNetworks(engine)
  assert.deepEqual(await engine.containers(), [])
  assert.equal(await count(engine, 'create'), 0)
})
