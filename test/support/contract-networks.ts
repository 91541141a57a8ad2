import assert from 'node:assert/strict'
import { isIP } from 'node:net'
import { patience, type Contract } from './contract-bench.ts'

/** What holds of networks. */
export const networkContract: Contract = {
  async 'the host has an address on the engine\'s own network, and none on those without gateway' (subject) {
    const { engine } = subject()
    assert.notEqual(isIP(await engine.gatewayOf('bridge', patience()) ?? ''), 0)
    assert.equal(await engine.gatewayOf('none', patience()), undefined)
  },

  async 'a network that is not there has no gateway' (subject) {
    assert.equal(await subject().engine.gatewayOf('slipway-no-such-network', patience()), undefined)
  },
}
