import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { deferred, type Deferred } from '../../src/base/deferred.ts'
import type { CallName } from '../sim/engine/call-names.ts'
import type { CallRecord } from '../sim/engine/calls.ts'
import type { Kept } from '../sim/engine/container.ts'
import type { Report, SimContainer, VerbName, Verbs } from '../sim/engine/control.ts'
import type { FaultKind, FaultOptions } from '../sim/engine/faults.ts'
import type { ImageCommand, RemoteImage } from '../sim/engine/images.ts'
import type { SimNetwork } from '../sim/engine/network-handlers.ts'

/**
 * A simulated Docker Engine in a process of its own, HTTP on a unix socket. What its containers can run: test/sim/engine/program.ts.
 * Disposing it kills the process and removes its folder; it ends by itself when the test's process does.
 */
export interface SimEngine extends AsyncDisposable {
  readonly socket: string
  /** Of its process; undefined while it is killed. */
  pid (): number | undefined
  /** Puts a fault on calls to come, until it has struck `times` of them or is mended. Its kinds: test/sim/engine/faults.ts. */
  fault (call: CallName, how: FaultKind, options?: FaultOptions): Promise<void>
  /** No faults on calls to come. What hangs already goes on hanging. */
  mend (): Promise<void>
  /** Lets go what hangs and stalls now. */
  release (): Promise<void>
  /** Breaks the connections of the open calls of this name; answers how many there were. */
  cut (call: CallName): Promise<number>
  addImage (name: string, image?: ImageCommand): Promise<void>
  addRemoteImage (name: string, image?: RemoteImage): Promise<void>
  images (): Promise<string[]>
  containers (): Promise<SimContainer[]>
  /** Those that somebody has made. */
  networks (): Promise<SimNetwork[]>
  /** In the order of their arrival, since the process began or `forgetCalls`. */
  calls (): Promise<CallRecord[]>
  forgetCalls (): Promise<void>
  /** No call is without its answer, and no stream is open. */
  idle (): Promise<boolean>
  /** Open connections, kept-alive ones too. */
  connections (): Promise<number>
  /** What the kernel does to a container over its limit: oom event, exit code 137. */
  outOfMemory (container: string): Promise<void>
  /** Ends a container's program with this code. */
  exit (container: string, exitCode: number): Promise<void>
  /** SIGSTOP: the socket accepts, nothing answers. */
  pause (): void
  resume (): void
  /** SIGKILL. Containers live on, as under a real engine with live-restore; calls, faults and logs are forgotten. */
  kill (): Promise<void>
  /** Starts again after `kill`, or kills first; finds its containers and images again. */
  restart (): Promise<void>
}

export interface SimEngineOptions {
  /** Images that are there from the start. Default: busybox:latest. */
  readonly images?: readonly string[]
}

export async function startSimEngine ({ images = ['busybox:latest'] }: SimEngineOptions = {}): Promise<SimEngine> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-sim-'))
  const survivors: Survivors = { containers: new Map(), images: new Map(images.map(name => [name, {}])), remote: new Map(), networks: new Map() }
  const engine = handle(folder, survivors)
  try {
    await engine.restart()
    return engine
  } catch (error) {
    await engine[Symbol.asyncDispose]()
    throw error
  }
}

/** What lives on when the process is killed. */
interface Survivors {
  readonly containers: Map<string, Kept>
  readonly images: Map<string, ImageCommand>
  readonly remote: Map<string, RemoteImage>
  readonly networks: Map<string, SimNetwork>
}

function handle (folder: string, survivors: Survivors): SimEngine {
  const socket = join(folder, 'engine.sock')
  let link: Link | undefined
  const ask = <V extends VerbName>(verb: V, input: Verbs[V]['input']): Promise<Verbs[V]['output']> => {
    if (!link) throw new Error('the simulated engine does not run')
    return link.ask(verb, input)
  }
  const kill = async (): Promise<void> => {
    await link?.kill()
    link = undefined
  }
  return {
    socket,
    pid: () => link?.child.pid,
    async fault (call, how, options = {}) { await ask('fault', { call, how, ...options }) },
    async mend () { await ask('mend', null) },
    async release () { await ask('release', null) },
    cut: call => ask('cut', { call }),
    async addImage (name, image = {}) { await ask('addImage', { name, image }) },
    async addRemoteImage (name, image = {}) { survivors.remote.set(name, image); await ask('addRemoteImage', { name, image }) },
    images: () => ask('images', null),
    containers: () => ask('containers', null),
    networks: () => ask('networks', null),
    calls: async () => [...await ask('calls', null)],
    async forgetCalls () { await ask('forgetCalls', null) },
    idle: async () => (await ask('calls', null)).every(({ isOpen }) => !isOpen),
    connections: () => ask('connections', null),
    async outOfMemory (container) { await ask('outOfMemory', { container }) },
    async exit (container, exitCode) { await ask('exit', { container, exitCode }) },
    pause () { link?.child.kill('SIGSTOP') },
    resume () { link?.child.kill('SIGCONT') },
    kill,
    async restart () {
      await kill()
      await rm(socket, { force: true })
      link = startProcess(survivors)
      // As the real engine: before it does anything.
      await writeFile(join(folder, 'engine.pid'), String(link.child.pid))
      for (const [name, image] of [...survivors.images]) await ask('addImage', { name, image })
      for (const [name, image] of survivors.remote) await ask('addRemoteImage', { name, image })
      await ask('restore', { containers: [...survivors.containers.values()], networks: [...survivors.networks.values()] })
      await ask('listen', { folder, socketPath: socket })
    },
    async [Symbol.asyncDispose] () {
      await kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function setOrDelete<T> (map: Map<string, T>, key: string, value: T | undefined): void {
  if (value === undefined) map.delete(key)
  else map.set(key, value)
}

interface Link {
  readonly child: ChildProcess
  ask<V extends VerbName> (verb: V, input: Verbs[V]['input']): Promise<Verbs[V]['output']>
  kill (): Promise<void>
}

function startProcess (survivors: Survivors): Link {
  const entry = fileURLToPath(new URL('../sim/engine/main.js', import.meta.url))
  const child = fork(entry, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], execArgv: [] })
  const asked = new Map<number, Deferred<unknown>>()
  const exited = once(child, 'exit')
  let lastId = 0
  child.on('message', (report: Report) => {
    if ('kept' in report) survivors.containers.set(report.kept.id, report.kept)
    else if ('lost' in report) survivors.containers.delete(report.lost)
    else if ('networkId' in report) setOrDelete(survivors.networks, report.networkId, report.network)
    else if ('image' in report) setOrDelete(survivors.images, report.image, report.command)
    else if ('error' in report) asked.get(report.id)?.reject(new Error(report.error))
    else asked.get(report.id)?.resolve(report.output)
  })
  child.once('exit', () => {
    const gone = new Error('the simulated engine has ended')
    for (const waiting of asked.values()) waiting.reject(gone)
  })
  return {
    child,
    async ask (verb, input) {
      const id = ++lastId
      const answer = deferred<unknown>()
      asked.set(id, answer)
      child.send({ id, verb, input })
      try {
        return await answer.promise as Verbs[typeof verb]['output']
      } finally {
        asked.delete(id)
      }
    },
    async kill () {
      child.kill('SIGKILL')
      await exited
    },
  }
}
