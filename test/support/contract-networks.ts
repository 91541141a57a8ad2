import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { isIP } from 'node:net'
import type { Engine } from '../../src/engine/port.ts'
import { openBench, patience, type Contract } from './contract-bench.ts'

interface Made extends AsyncDisposable { readonly name: string, readonly label: string, readonly id: string }

/** A network with a label of its own, gone at the end. */
async function makeNetwork (engine: Engine): Promise<Made> {
  const name = `slipway-contract-${randomUUID()}`
  const labels = { 'slipway-contract': name }
  await engine.createNetwork({ name, labels }, patience())
  const found = await engine.findNetwork(name, patience())
  const id = found?.id ?? ''
  assert.deepEqual(found, { id, name, labels, gateway: found?.gateway })
  assert.notEqual(isIP(found.gateway ?? ''), 0)
  return { name, id, label: `slipway-contract=${name}`, async [Symbol.asyncDispose] () { await engine.removeNetwork(id, patience()) } }
}

/** What holds of networks. */
export const networkContract: Contract = {
  async 'a network is made, found by its whole name and its label, and removed once or twice' (subject) {
    const { engine } = subject()
    await using network = await makeNetwork(engine)
    const { name, id, label } = network
    assert.deepEqual((await engine.listNetworks(label, patience())).map(one => one.name), [name])
    assert.equal(await engine.findNetwork(id.slice(0, 12), patience()), undefined)
    assert.equal(await engine.findNetwork(name.slice(0, -1), patience()), undefined)
    for (const _time of [1, 2]) assert.equal(await engine.removeNetwork(id, patience()), true)
    assert.equal(await engine.findNetwork(name, patience()), undefined)
    assert.deepEqual(await engine.listNetworks(label, patience()), [])
  },

  async 'the host has an address on the engine\'s own network, and none on those without gateway' (subject) {
    const { engine } = subject()
    assert.notEqual(isIP((await engine.findNetwork('bridge', patience()))?.gateway ?? ''), 0)
    assert.equal((await engine.findNetwork('none', patience()))?.gateway, undefined)
  },

  async 'a network\'s name that is taken is refused' (subject) {
    const { engine } = subject()
    await using network = await makeNetwork(engine)
    await assert.rejects(engine.createNetwork({ name: network.name, labels: {} }, patience()), { name: 'AgentError', code: 'ENGINE_REFUSED' })
  },

  async 'a network with a container that runs on it is not removed' (subject) {
    const { engine } = subject()
    await using network = await makeNetwork(engine)
    await using bench = await openBench(subject())
    const endpoint = { network: network.name, aliases: ['web'] }
    const id = await engine.create(bench.spec('sleep 100', { network: 'user', userNetwork: 'asked', endpoint }), patience())
    await engine.start(id, patience())
    assert.equal(await engine.removeNetwork(network.id, patience()), false)
    await engine.remove(id, patience())
    assert.equal(await engine.removeNetwork(network.id, patience()), true)
  },

  async 'a container on a network that is not there is not started' (subject) {
    const { engine } = subject()
    await using bench = await openBench(subject())
    const endpoint = { network: 'slipway-test-nowhere', aliases: [] }
    const id = await engine.create(bench.spec('exit 0', { network: 'user', userNetwork: 'asked', endpoint }), patience())
    await assert.rejects(engine.start(id, patience()), { name: 'AgentError', code: 'ENGINE_REFUSED', message: /slipway-test-nowhere not found/ })
  },
}
