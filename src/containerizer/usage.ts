import type { ContainerUsage } from '../model/container-usage.ts'
import type { Pool } from '../pool/pool.ts'
import type { Container } from './container.ts'
import type { Lanes } from './lanes.ts'
import { CpuMeter, totalOf, type UsageTotals } from './usage-totals.ts'

export interface UsageDeps {
  readonly pool: Pool
  readonly lanes: Lanes
  readonly containers: ReadonlyMap<string, Container>
  readonly closing: AbortSignal
}

/** By container id. One that does not run, or is going just now, is not there. */
export type Usages = ReadonlyMap<string, ContainerUsage>

/** One look at all; who asks within `freshMs` of its end, or while it is under way, shares it. */
interface Pass { readonly usages: Promise<Usages>, readonly covers: ReadonlySet<Container>, doneAtMs: number }

const freshMs = 500
const priority = 0

/** What all running containers use, as the kernel's files tell it: one pass over them, without a call to the engine. */
export class UsageReader {
  readonly #deps: UsageDeps
  readonly #cpu = new CpuMeter()
  #last: Pass | undefined

  constructor (deps: UsageDeps) { this.#deps = deps }

  async read (): Promise<Usages> {
    const running = [...this.#deps.containers.values()].filter(runs)
    return await (this.#sharedBy(running) ?? this.#begin(running)).usages
  }

  /** One that has come up since the last pass wants a new one. */
  #sharedBy (running: readonly Container[]): Pass | undefined {
    const last = this.#last
    if (last === undefined || performance.now() >= last.doneAtMs + freshMs) return undefined
    return running.every(container => last.covers.has(container)) ? last : undefined
  }

  #begin (running: readonly Container[]): Pass {
    const pass: Pass = { usages: this.#readAll(running), covers: new Set(running), doneAtMs: Infinity }
    const done = (): void => { pass.doneAtMs = performance.now() }
    pass.usages.then(done, done)
    return this.#last = pass
  }

  async totals (): Promise<UsageTotals> {
    return totalOf(await this.read(), this.#cpu.seconds)
  }

  async #readAll (running: readonly Container[]): Promise<Usages> {
    const { pool, lanes, closing } = this.#deps
    if (running.length === 0) return new Map()
    const known = running.map(({ engineId = '', inspected }) => ({ engineId, pid: inspected?.pid }))
    const read = await lanes.run({ stage: 'usage', priority }, signal => pool.run('usage', { containers: known }, signal), closing)
    const usages = new Map(running.flatMap(({ id }, at) => { const usage = read[at]; return usage === undefined ? [] : [[id, usage]] }))
    this.#cpu.observe(usages)
    return usages
  }
}

function runs ({ state, engineId, termination }: Container): boolean {
  return (state === 'running' || state === 'stopping') && engineId !== undefined && termination === undefined
}
