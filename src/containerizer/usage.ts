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

/** Whoever asks again within this gets what the last one got. */
const freshMs = 500
const priority = 0

/** What all running containers use, as the kernel's files tell it: one pass over them, without a call to the engine. */
export class UsageReader {
  readonly #deps: UsageDeps
  readonly #cpu = new CpuMeter()
  #pass: Promise<Usages> | undefined
  #doneAtMs = -Infinity

  constructor (deps: UsageDeps) { this.#deps = deps }

  /** Those who ask while a pass is under way share it. */
  async read (): Promise<Usages> {
    if (this.#pass !== undefined && performance.now() < this.#doneAtMs + freshMs) return await this.#pass
    this.#doneAtMs = Infinity
    this.#pass = this.#readAll().finally(() => { this.#doneAtMs = performance.now() })
    return await this.#pass
  }

  async totals (): Promise<UsageTotals> {
    return totalOf(await this.read(), this.#cpu.seconds)
  }

  async #readAll (): Promise<Usages> {
    const { pool, lanes, containers, closing } = this.#deps
    const running = [...containers.values()].filter(runs)
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
