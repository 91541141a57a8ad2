import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { Engine, EngineStreams } from '../../src/engine/port.ts'
import { labels, type Command, type ContainerSpec } from '../../src/model/container-spec.ts'
import type { Inspected } from '../../src/model/inspected.ts'
import { eventually } from './eventually.ts'

/** An engine under the contract. */
export interface ContractEngine extends AsyncDisposable {
  readonly socket: string
  readonly engine: Engine
  readonly streams: EngineStreams
  /** It is in the engine's store, and has a shell and the usual commands. */
  readonly image: string
  /** A registry answers for it, and says that there is none. */
  readonly missingImage: string | undefined
  /** A registry has it, the engine's store may or may not. */
  readonly remoteImage: string | undefined
}

/** Gives a test its engine, which is open while tests run. */
export type Subject = () => ContractEngine

/** Sentences that hold of every engine, each with its test. */
export type Contract = Readonly<Record<string, (subject: Subject, t: TestContext) => Promise<void>>>

/** One test's things on the engine: all containers carry its label, and are removed at the end. */
export interface Bench extends AsyncDisposable {
  readonly label: string
  spec (command: Command | string, more?: Partial<ContainerSpec>): ContainerSpec
  create (command: Command | string): Promise<string>
  /** Creates and starts a container and waits for its first output: until then a trap may not be set. */
  run (line: string): Promise<string>
  /** The container's inspect once it is as asked. */
  inspected (id: string, isAsAsked: (inspected: Inspected) => boolean): Promise<Inspected>
}

/** For calls that are expected to end by themselves. */
export const patience = (): AbortSignal => AbortSignal.timeout(30_000)

export async function openBench ({ engine, streams, image }: Pick<ContractEngine, 'engine' | 'streams' | 'image'>): Promise<Bench> {
  const owner = randomUUID()
  const label = `${labels.agent}=${owner}`
  const sandbox = await mkdtemp(join(tmpdir(), 'slipway-contract-'))
  const spec: Bench['spec'] = (command, more = {}) => {
    const containerId = randomUUID()
    return {
      containerId,
      name: `slipway-contract-${containerId}`,
      image,
      forcePull: false,
      uris: [],
      command: typeof command === 'string' ? { kind: 'shell', line: command } : command,
      environment: {},
      network: 'none',
      cpus: 0.1,
      memBytes: 64 << 20,
      sandbox: { hostPath: sandbox, containerPath: '/mnt/mesos/sandbox' },
      labels: { [labels.agent]: owner, [labels.container]: containerId },
      graceMs: 1000,
      ...more,
    }
  }
  const create: Bench['create'] = command => engine.create(spec(command), patience())
  return {
    label,
    spec,
    create,
    async run (line) {
      const id = await create(line)
      const output = await streams.attach(id, patience())
      await engine.start(id, patience())
      await once(output, 'data')
      output.destroy()
      return id
    },
    inspected: (id, isAsAsked) => eventually(async () => {
      const inspected = await engine.inspect(id, patience())
      if (!inspected || !isAsAsked(inspected)) throw new Error(`it is ${inspected?.status ?? 'not there'}`)
      return inspected
    }, { withinMs: 30_000, reason: 'the awaited state of a container' }),
    async [Symbol.asyncDispose] () {
      await eventually(async () => {
        for (const { id } of await engine.list(label, patience())) await engine.remove(id, patience())
      }, { reason: 'the removal of what the test made' })
      await rm(sandbox, { recursive: true, force: true })
    },
  }
}
