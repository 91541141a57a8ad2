import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { promisify } from 'node:util'
import { keep } from './container.ts'
import { viewOf, type Controls, type Order, type Report } from './control.ts'
import { createDaemon, findContainer } from './daemon.ts'
import * as life from './life.ts'
import { createSimServer } from './server.ts'

// The simulated engine's process: started with an IPC channel; it ends when that closes.

/** A message that finds nobody is not an error: `leave` comes next. */
const report = (message: Report): void => { process.send?.(message, undefined, {}, () => {}) }

const daemon = createDaemon({
  onKept: container => { report(daemon.containers.has(container.id) ? { kept: keep(container) } : { lost: container.id }) },
  onImage: (image, command) => { report({ image, command }) },
  onNetwork: (id, network) => { report({ networkId: id, network }) },
})
const { server, calls, faults } = createSimServer(daemon)

const controls: Controls = {
  restore ({ containers, networks }) {
    for (const network of networks) daemon.networks.set(network.id, network)
    for (const container of daemon.adopt(containers)) if (container.state === 'running') life.run(daemon, container)
    return null
  },
  async listen ({ folder, socketPath }) {
    // Ctrl-C reaches this process as well as the one that started it.
    for (const end of ['disconnect', 'SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(end, () => { leave(folder) })
    server.listen(socketPath)
    await once(server, 'listening')
    return null
  },
  addImage ({ name, image }) { daemon.images.add(name, image); return null },
  addRemoteImage ({ name, image }) { daemon.images.addRemote(name, image); return null },
  images: () => daemon.images.list().map(([name]) => name),
  fault (fault) { faults.add(fault); return null },
  mend () { faults.mend(); return null },
  release () { faults.release(); return null },
  cut: ({ call }) => calls.cut(call),
  containers: () => [...daemon.containers.values()].map(viewOf),
  networks: () => [...daemon.networks.values()],
  calls: () => calls.all(),
  forgetCalls () { calls.forget(); return null },
  connections: () => promisify(server.getConnections.bind(server))(),
  outOfMemory ({ container }) { life.killForMemory(daemon, findContainer(daemon, container)); return null },
  exit ({ container, exitCode }) { findContainer(daemon, container).program?.end(exitCode); return null },
}

/** Whoever started this has died, or is about to, and removes nothing any more. */
function leave (folder: string): void {
  rmSync(folder, { recursive: true, force: true })
  process.exit()
}

async function obey ({ id, verb, input }: Order): Promise<void> {
  try {
    report({ id, output: await (controls[verb] as (input: unknown) => unknown)(input) })
  } catch (error) {
    report({ id, error: (error as Error).message })
  }
}

process.on('message', (order: Order) => { void obey(order) })
