import { deferred } from '../base/deferred.ts'
import type { Engine } from '../engine/port.ts'
import { AgentError } from '../model/errors.ts'
import type { Pool } from '../pool/pool.ts'
import { comesUp } from './comes-up.ts'
import type { Container } from './container.ts'
import { loginOf, type CredentialSettings } from './credentials.ts'
import type { FetchCache } from './fetch-cache/fetch-cache.ts'
import { fetchInto, type FetchSettings } from './fetch-into.ts'
import type { ImagePulls } from './image-pulls.ts'
import { finalEnvironment } from './final-environment.ts'
import type { KeptContainers } from './kept-containers.ts'
import { isolate } from './isolate.ts'
import type { Networks } from './networks.ts'
import { lookAt } from './look-at.ts'
import { LaunchScope, type ScopeOptions } from './launch-scope.ts'
import type { LogPipes } from './log-pipes.ts'
import { makeSandbox } from './sandbox.ts'
import { undoCreate, type UndoDeps } from './undo-create.ts'
import { giveSandbox, realVolumes } from './volumes.ts'

export interface LaunchDeps extends Pick<UndoDeps, 'engineWatch' | 'kernel'> {
  readonly engine: Engine
  readonly pools: Readonly<Record<'fetch' | 'logs' | 'cgroup', Pool>>
  readonly pulls: ImagePulls
  readonly pipes: LogPipes
  readonly kept: KeptContainers
  readonly networks: Networks
  readonly fetching: FetchSettings
  readonly fetchCache: FetchCache
  readonly credentials: CredentialSettings
}

/** A start waits this long for the inspect that follows it; then it goes on without. */
const lookMs = 2_000

/** The engine's own, which then has undone what it did. */
function isAnswer (error: unknown): boolean {
  return error instanceof AgentError && error.detail['status'] !== undefined
}

/** Brings a container up. On failure, whatever was begun is undone first; then it throws what went wrong, stage included. */
export async function launch (container: Container, deps: LaunchDeps, options: ScopeOptions): Promise<void> {
  const { spec, priority } = container
  const { engine, pulls, pipes, networks, credentials } = deps
  const fetched = deferred()
  const sinceMs = performance.now()
  await using scope = new LaunchScope(options)

  const volumes = await scope.stage('prepare', async signal => {
    container.move('admit')
    await deps.kept.written(container)       // before anything of it is made
    container.logFiles = await makeSandbox(spec.sandbox.hostPath, deps.pools.logs, signal)
    deps.kept.note(container)
    await giveSandbox(spec.sandbox.hostPath, spec.user)
    return await realVolumes(spec.volumes, spec.user)
  })
  await scope.together(
    () => scope.stage('pull', signal => pulls.ensure({ ...spec, priority, sinceMs, login: () => loginOf(spec, fetched.promise, credentials, signal) }, signal)),
    ...spec.uris.length > 0 ? [() => scope.stage('fetch', signal => fetchInto(container, { ...deps, ...options }, signal).then(fetched.resolve))] : [],
  )
  container.imageReady.resolve()
  const id = await scope.stage('create', async signal => {
    const place = await networks.join(spec, signal)
    container.launch.signal.throwIfAborted()
    const environment = await finalEnvironment(container, { engine, ...place }, signal)
    return await engine.create({ ...spec, volumes, environment, ...place }, signal)
  }, {
    undo: signal => undoCreate(container, { ...deps, ...options }, signal),        // by name: known before the call is made
  })
  container.engineId = id
  await scope.stage('attach', signal => pipes.lay(container, id, signal), {
    undo: async () => { pipes.cut(container) },
  })
  let starting: Promise<void> | undefined
  try {
    await scope.stage('start', signal => starting = engine.start(id, signal))
    void lookAt(container, deps.engine, options)
    await scope.wait(container.looked.promise, lookMs)
    await scope.stage('isolate', signal => isolate(container, { ...options, pool: deps.pools.cgroup }, signal))
  } catch (error) {
    // Killed, but it runs: it is to end as one that runs, with its grace.
    const hasComeUp = starting !== undefined && options.signal.aborted && await comesUp(container, starting, { engine, ...options })
    container.isCutOff = starting !== undefined && !hasComeUp && !isAnswer(error)
    if (!hasComeUp) throw error
  }

  scope.keep()
}
