import type { Engine } from '../engine/port.ts'
import type { Container } from './container.ts'
import type { ImagePulls } from './image-pulls.ts'
import { LaunchScope, type ScopeOptions } from './launch-scope.ts'
import type { LogPipes } from './log-pipes.ts'
import { makeSandbox } from './sandbox.ts'

export interface LaunchDeps {
  readonly engine: Engine
  readonly pulls: ImagePulls
  readonly pipes: LogPipes
}

/** Brings a container up. On failure, whatever was begun is undone first; then it throws what went wrong, stage included. */
export async function launch (container: Container, { engine, pulls, pipes }: LaunchDeps, options: ScopeOptions): Promise<void> {
  const { spec } = container
  await using scope = new LaunchScope(options)

  container.logFiles = await scope.stage('prepare', () => { container.move('admit'); return makeSandbox(spec.sandbox.hostPath) })
  await scope.stage('pull', signal => pulls.ensure({ ...spec, priority: container.priority }, signal))
  container.imageReady.resolve()
  const id = await scope.stage('create', signal => engine.create(spec, signal), {
    undo: signal => engine.remove(spec.name, signal),        // by name: known before the call is made
  })
  container.engineId = id
  await scope.stage('attach', signal => pipes.lay(container, id, signal), {
    undo: async () => { pipes.cut(container) },
  })
  await scope.stage('start', signal => engine.start(id, signal))

  scope.keep()
}
