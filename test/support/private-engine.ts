import type { Daemon } from './daemon.ts'
import { registryAddress, socketOf, startContainerd, startEngine, startRegistry, type Site } from './engine-daemons.ts'
import { killContainers, killIfThere, makePlace, processesOf, vacate, type EnginePlace } from './engine-place.ts'
import { startNamespaces } from './namespaces.ts'

/** A Docker Engine in namespaces of its own, to be hung, killed and started again at will. Its published ports answer in there only. */
export interface PrivateEngine extends AsyncDisposable {
  readonly place: EnginePlace
  readonly socket: string
  /** host:port as its engine sees it, when asked for. */
  readonly registry: string | undefined
  /** Put before a command, it runs beside the engine. */
  readonly enter: readonly string[]
  /** dockerd's, as it is now. */
  pid (): number
  /** dockerd does not answer until `resume`. */
  pause (): void
  resume (): void
  /** dockerd is killed; its containers go on. */
  kill9 (): Promise<void>
  /** dockerd ends in order; its containers go on. */
  stopEngine (): Promise<void>
  /** After `kill9` or `stopEngine`; it finds its containers again. */
  startEngine (): Promise<void>
  /** Ends everything and takes away every trace. Twice is as good as once. */
  stop (): Promise<void>
}

export interface PrivateEngineOptions {
  readonly registry?: boolean
  /** Its containers outlive dockerd. */
  readonly liveRestore?: boolean
  /** A program that is run in runc's place. */
  readonly runtime?: string
}

export async function startPrivateEngine ({ registry = false, liveRestore = true, runtime }: PrivateEngineOptions = {}): Promise<PrivateEngine> {
  const place = makePlace()
  const namespaces = await startNamespaces()
  const site: Site = { place, enter: namespaces.enter, liveRestore, runtime }
  const daemons: Daemon[] = []
  const stop = async (): Promise<void> => {
    killContainers(place)
    for (const daemon of daemons.splice(0).reverse()) await daemon.end(5_000)
    for (const pid of processesOf(place)) killIfThere(pid)
    await namespaces[Symbol.asyncDispose]()
    await vacate(place)
  }
  try {
    if (registry) daemons.push(await startRegistry(site))
    daemons.push(await startContainerd(site), await startEngine(site))
    return handle({ site, daemons, stop, registry: registry ? registryAddress : undefined })
  } catch (error) {
    await stop()
    throw error
  }
}

interface Parts {
  readonly site: Site
  /** In the order of their start; dockerd is the last. */
  readonly daemons: Daemon[]
  readonly registry: string | undefined
  stop (): Promise<void>
}

function handle ({ site, daemons, stop, registry }: Parts): PrivateEngine {
  const engine = (): Daemon => daemons.at(-1)!
  let ended: Promise<void> | undefined
  const stopOnce = (): Promise<void> => ended ??= stop()
  return {
    place: site.place,
    socket: socketOf(site.place),
    registry,
    enter: site.enter,
    pid: () => engine().pid,
    pause: () => { engine().signal('SIGSTOP') },
    resume: () => { engine().signal('SIGCONT') },
    kill9: () => engine().kill(),
    stopEngine: () => engine().end(20_000),
    async startEngine () { daemons.splice(-1, 1, await startEngine(site)) },
    stop: stopOnce,
    [Symbol.asyncDispose]: stopOnce,
  }
}
