import { promisify } from 'node:util'
import { keep } from './container.ts'
import { viewOf, type Controls, type Order, type Report } from './control.ts'
import { createDaemon, findContainer } from './daemon.ts'
import * as life from './life.ts'
import { createSimServer } from './server.ts'

// The simulated engine's process: node main.js SOCKET, started with an IPC channel; it ends when that closes.

const [, , socketPath = ''] = process.argv
const report = (message: Report): void => { process.send?.(message) }

const daemon = createDaemon(container => {
  report(daemon.containers.has(container.id) ? { kept: keep(container) } : { lost: container.id })
})
const { server, calls, faults } = createSimServer(daemon)

const controls: Controls = {
  restore ({ containers }) {
    for (const container of daemon.adopt(containers)) if (container.state === 'running') life.run(daemon, container)
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
  calls: () => calls.all(),
  forgetCalls () { calls.forget(); return null },
  connections: () => promisify(server.getConnections.bind(server))(),
  outOfMemory ({ container }) { life.killForMemory(daemon, findContainer(daemon, container)); return null },
  exit ({ container, exitCode }) { findContainer(daemon, container).program?.end(exitCode); return null },
}

async function obey ({ id, verb, input }: Order): Promise<void> {
  try {
    report({ id, output: await (controls[verb] as (input: unknown) => unknown)(input) })
  } catch (error) {
    report({ id, error: (error as Error).message })
  }
}

process.on('message', (order: Order) => { void obey(order) })
process.on('disconnect', () => { process.exit() })
server.listen(socketPath, () => { report({ ready: true }) })
