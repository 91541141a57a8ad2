// The part of a test run inside its namespaces: engine and registry start, the tests run, and nothing may be left on the engine.
import { spawn } from 'node:child_process'
import { askEngine } from './engine-api.ts'
import { registryAddress, socketOf, startContainerd, startEngine, startRegistry, type Site } from './engine-daemons.ts'
import type { EnginePlace } from './engine-place.ts'
import { exitCodeOf } from './exit-code.ts'
import { testEnvironment } from './test-environment.ts'

const place = JSON.parse(process.env['SLIPWAY_TEST_PLACE'] ?? '{}') as EnginePlace
const socket = socketOf(place)
const site: Site = { place, enter: [] }

const command = process.argv.slice(2)

await startRegistry(site)
await startContainerd(site)
await startEngine(site)

const env = testEnvironment({ SLIPWAY_TEST_ENGINE: socket, SLIPWAY_TEST_REGISTRY: registryAddress, SLIPWAY_TEST_CGROUP: place.cgroup })
const code = await exitCodeOf(spawn(process.execPath, command, { stdio: ['ignore', 'inherit', 'inherit'], env }))
const left = await containersLeft()
for (const name of left) console.error(`A test left this container on the engine: ${name}`)
// The daemons end with the namespaces; waiting for them here would gain nothing.
process.exit(left.length > 0 ? 1 : code)

async function containersLeft (): Promise<string[]> {
  const containers = await askEngine<Array<{ Names: string[], Image: string, State: string, Labels: Record<string, string> }>>(
    socket, 'GET /containers/json?all=1',
  )
  return containers.map(({ Names, Image, State, Labels }) => `${Names.join(', ')} (${Image}, ${State}, task ${Labels['slipway.task'] ?? 'none'})`)
}
