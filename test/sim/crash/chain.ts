import { eventually } from '../../support/eventually.ts'
import { startCrashGround, type CrashGround } from './crash-ground.ts'
import { pointsOf, type Point } from './points.ts'
import { keepsItsPromise, seeThrough } from './promise.ts'
import type { Ids, Scenario } from './scenarios.ts'

/** What comes by the clock comes within this. */
const lateMs = 3_000

/** One scenario again and again, on one engine and one work directory: who comes back from a crash is who dies next. */
export class Chain {
  readonly scenario: Scenario
  /** Points that did not come: how often a container is looked at, and what is known by then, depends on the machine. */
  readonly missed: Point[] = []
  #ground: CrashGround | undefined
  #round = 0
  #livesBefore = 0

  constructor (scenario: Scenario) { this.scenario = scenario }

  /** The points of a run without a crash. */
  async record (): Promise<Point[]> {
    const { scenario } = this
    const [ground, ids] = await this.#next()
    await scenario.setUp?.(ground, ids)
    await ground.arm()
    await scenario.act(ground, ids)
    await eventually(() => scenario.isOver(ground, ids), { withinMs: 30_000, everyMs: 50, reason: `the end of ${scenario.name}` })
    const recorded = await ground.disarm()
    await this.#check(ground, ids)
    return pointsOf(recorded)
  }

  async dieAt (point: Point): Promise<void> {
    const { scenario } = this
    const [ground, ids] = await this.#next()
    try {
      await scenario.setUp?.(ground, ids)
      await ground.arm(point)
      await scenario.act(ground, ids).catch(() => {})
      await this.#awaitDeath(ground, ids, point)
      await ground.comeBack()
      await this.#check(ground, ids)
    } catch (error) {
      await this.close()      // the next one is to begin from a sound state
      throw error
    }
  }

  /** Where the point does not come, the agent dies at the end. */
  async #awaitDeath (ground: CrashGround, ids: Ids, point: Point): Promise<void> {
    const { agent } = ground
    const isOver = async (): Promise<boolean> => agent.hasEnded() || await this.scenario.isOver(ground, ids)
    await eventually(isOver, { withinMs: 30_000, everyMs: 50, reason: 'the point, or the end of the scenario,' })
    await eventually(() => agent.hasEnded(), { withinMs: lateMs }).catch(async () => {
      this.missed.push(point)
      await agent.kill('SIGKILL')
    })
  }

  async close (): Promise<void> {
    await this.#ground?.[Symbol.asyncDispose]()
    this.#ground = undefined
  }

  async #next (): Promise<[CrashGround, Ids]> {
    this.#ground ??= await startCrashGround(this.scenario.settings)
    this.#round++
    this.#livesBefore = this.#ground.lives.length - 1
    return [this.#ground, [`one-${this.#round}`, `two-${this.#round}`]]
  }

  async #check (ground: CrashGround, ids: Ids): Promise<void> {
    const lives = ground.lives.slice(this.#livesBefore)
    const launched = ids.filter(id => lives.some(life => life.asked.has(id)))
    await this.scenario.judge?.(ground, ids)
    await seeThrough(this.scenario, launched, lives)
    await this.scenario.seeOff?.(ground, ids)
    await keepsItsPromise(this.scenario, { ground, ids: launched, lives })
  }
}
