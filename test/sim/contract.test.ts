import { openEngine, openEngineStreams } from '../../src/engine/docker-engine.ts'
import { engineContract } from '../support/engine-contract.ts'
import { startSimEngine } from '../support/sim-engine.ts'

engineContract('the simulated engine', async () => {
  const image = 'slipway-test/busybox:1'
  const sim = await startSimEngine({ images: [image] })
  const remoteImage = 'registry.test:5000/app:3'
  await sim.addRemoteImage(remoteImage, { layers: 3 })
  const address = { socketPath: sim.socket }
  return {
    socket: sim.socket,
    engine: openEngine(address),
    streams: openEngineStreams(address),
    image,
    remoteImage,
    missingImage: 'registry.test:5000/app:4',
    [Symbol.asyncDispose]: () => sim[Symbol.asyncDispose](),
  }
})
