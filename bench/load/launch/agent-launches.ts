import { setTimeout as wait } from 'node:timers/promises'
import type { v1 } from '../../../src/wire/messages.ts'
import type { LaunchTime } from './launch-time.ts'
import type { LoadFramework } from './load-framework.ts'
import { taskInfoOf, type LaunchWish } from './wish.ts'

type InfoOf = (id: string, agentId: string) => v1.TaskInfo

export interface AgentWish extends LaunchWish {
  readonly count: number
  /** Launches asked for and not yet running; ends the closed loop's turn. */
  readonly concurrency: number
  /** When each is due, whatever became of those before it; 0: as soon as there are fewer than `concurrency`. */
  readonly perSecond: number
}

export interface AgentLaunches { readonly ids: readonly string[], readonly launches: readonly LaunchTime[] }

let names = 0

/** Asks the agent for launches; back when the framework has heard of each that it runs. */
export async function launchThroughAgent (framework: LoadFramework, { count, concurrency, perSecond, ...wish }: AgentWish): Promise<AgentLaunches> {
  const run = `bench-${names++}`
  const due = new Due(framework, (id, agentId) => taskInfoOf(wish, id, agentId))
  const startedAtMs = performance.now()
  const launchOne = async (at: number, dueMs: number): Promise<LaunchTime & { id: string }> => {
    const id = `${run}-${at}`
    const running = framework.running(id)
    due.add(id)
    return { id, dueMs: dueMs - startedAtMs, doneMs: (await running).atMs - startedAtMs }
  }
  const launched = perSecond > 0 ? await atRate(launchOne, count, perSecond) : await inTurns(launchOne, count, concurrency)
  return { ids: launched.map(({ id }) => id), launches: launched }
}

/** Tasks whose time has come: as many as there are go into one call, once there is an offer. */
export class Due {
  readonly #framework: LoadFramework
  readonly #infoOf: InfoOf
  readonly #ids: string[] = []

  constructor (framework: LoadFramework, infoOf: InfoOf) {
    this.#framework = framework
    this.#infoOf = infoOf
    framework.onOffer = () => { this.#send() }
  }

  add (id: string): void {
    // Those that become due in the same turn of the loop go together.
    if (this.#ids.push(id) === 1) setImmediate(() => { this.#send() })
  }

  #send (): void {
    if (this.#ids.length === 0 || !this.#framework.hasOffer) return
    const ids = this.#ids.splice(0)
    this.#framework.launch(agentId => ids.map(id => this.#infoOf(id, agentId)))
  }
}

type LaunchOne<T> = (at: number, dueMs: number) => Promise<T>

async function inTurns<T> (launchOne: LaunchOne<T>, count: number, concurrency: number): Promise<T[]> {
  const done: T[] = []
  let next = 0
  const turn = async (): Promise<void> => { while (next < count) done.push(await launchOne(next++, performance.now())) }
  await Promise.all(Array.from({ length: Math.min(count, concurrency) }, turn))
  return done
}

/** An open loop: what is late makes nothing after it begin later, and its own wait counts. */
async function atRate<T> (launchOne: LaunchOne<T>, count: number, perSecond: number): Promise<T[]> {
  const startedAtMs = performance.now()
  return await Promise.all(Array.from({ length: count }, async (_, at) => {
    const dueMs = startedAtMs + at * 1000 / perSecond
    if (at > 0) await wait(dueMs - performance.now())
    return await launchOne(at, dueMs)
  }))
}

/** Back when the agent has said of each that it is over. */
export async function killAll (framework: LoadFramework, ids: readonly string[]): Promise<void> {
  await Promise.all(ids.map(async id => {
    const end = framework.end(id)
    framework.kill(id)
    await end
  }))
}
