import { delay } from '../../../src/base/deadline.ts'
import { openEngine } from '../../../src/engine/docker-engine.ts'
import { instanceOf } from '../agent-places.ts'
import { eventually } from '../eventually.ts'
import { ensureBusybox } from '../images.ts'
import { startOwnAgent } from '../own-agent.ts'
import { containedIn } from '../engine-place.ts'
import { startPrivateEngine } from '../private-engine.ts'
import { judgeTask, newTask, type ChaosTask } from './chaos-tasks.ts'
import { rollDice, type Dice } from './dice.ts'
import { faults, type FaultName, type Victims } from './faults.ts'
import { LastingFramework } from './lasting-framework.ts'
import { Report } from './report.ts'
import { writerKinds, writerScript } from './writers.ts'

export interface ChaosOptions {
  readonly seed: number
  /** One of them strikes each round. */
  readonly faults: readonly FaultName[]
  /** The share of rounds in which a task is killed. */
  readonly killShare: number
  /** Pieces that a task writes: at least, and less than. */
  readonly pieces: readonly [number, number]
  readonly isOver: (rounds: number) => boolean
  readonly tell?: (line: string) => void
}

interface Ground extends Victims {
  readonly framework: LastingFramework
  readonly instanceId: string
  readonly image: string
  readonly dice: Dice
  readonly report: Report
  readonly live: Set<ChaosTask>
}

const mostLive = 16
const endMs = 90_000

/** Rounds of tasks that write, and of faults that strike meanwhile, on an engine and an agent of its own; then all that was promised is looked after. */
export async function runChaos (options: ChaosOptions): Promise<Report> {
  const report = new Report(options.seed)
  await using engine = await startPrivateEngine()
  await using agent = await startOwnAgent(engine.socket, { gcDiskHeadroom: 0 })
  const instanceId = instanceOf(agent.workDir)
  const framework = await LastingFramework.subscribe(agent)
  const image = await ensureBusybox(engine.socket)
  const ground: Ground = { engine, agent, framework, instanceId, image, report, dice: rollDice(options.seed), live: new Set() }
  while (!options.isOver(report.rounds)) {
    const told = await round(ground, options)
    options.tell?.(`round ${report.rounds}: ${told}, ${ground.live.size} tasks live, ${report.bytes} bytes checked`)
  }
  await finish(ground)
  return report
}

async function round (ground: Ground, { faults: names, killShare, pieces }: ChaosOptions): Promise<string> {
  const { dice, framework, live, report, agent, engine } = ground
  report.rounds++
  await eventually(async () => { await harvest(ground); return live.size < mostLive }, { withinMs: endMs, everyMs: 500, reason: 'room for more tasks' })
  await launch(ground, dice.whole(...pieces))
  await delay(dice.between(0, 2_500))
  const running = [...live].filter(({ id }) => framework.ends(id).length === 0)
  const victim = dice.happens(killShare) && running.length > 0 ? dice.pick(running) : undefined
  if (victim !== undefined) {
    victim.wasAskedToEnd = true
    await framework.kill(victim.id, dice.whole(0, 1_000))
    await delay(dice.between(0, 500))
  }
  const name = dice.pick(names)
  const { killsEngine, endsAgent, strike } = faults[name]
  for (const task of live) {
    task.engineDeaths += Number(killsEngine)
    if (framework.wasRunning(task.id)) continue
    task.inLaunch.agentEnds += Number(endsAgent)
    task.inLaunch.engineDies += Number(killsEngine)
  }
  await strike({ agent, engine }, dice)
  report.struck(name)
  if (endsAgent) await framework.comeBack()
  return name + (victim === undefined ? '' : `, ${victim.id} killed`)
}

async function launch ({ framework, image, live, report }: Ground, count: number): Promise<void> {
  const kinds = writerKinds.map(kind => ({ kind, id: `${kind}-${report.rounds}` }))
  await framework.launch(...kinds.map(({ kind, id }) => ({ id, image, shell: writerScript(kind, count), cpus: 0.1, mem: 64 })))
  report.tasks += kinds.length
  for (const { kind, id } of kinds) live.add(newTask(id, kind))
}

/** Tasks that are over and whose containers are gone are judged. */
async function harvest ({ framework, engine, agent, instanceId, live, report }: Ground): Promise<void> {
  const over = [...live].filter(({ id }) => framework.ends(id).length > 0)
  const there = await openEngine({ socketPath: engine.socket }).list(`slipway.agent=${instanceId}`, AbortSignal.timeout(10_000))
  for (const task of over) {
    if (there.some(({ labels }) => labels['slipway.task'] === task.id)) continue
    await judgeTask(task, framework, agent.workDir, report)
    live.delete(task)
  }
}

/** All end; what does not in time is lost, and what is left on the engine leaked. */
async function finish (ground: Ground): Promise<void> {
  const { framework, engine, instanceId, live, report } = ground
  const untold = [...live].filter(({ id }) => framework.told(id).length === 0).map(({ id }) => id)
  if (untold.length > 0) await framework.reconcile(untold)
  await eventually(async () => { await harvest(ground); return live.size === 0 }, { withinMs: endMs, everyMs: 500 }).catch(() => {})
  for (const { id } of live) report.wrong('lost', `${id} did not end, or its container was not removed: ${framework.told(id).at(-1)?.state}`)
  const left = await openEngine({ socketPath: engine.socket }).list(`slipway.agent=${instanceId}`, AbortSignal.timeout(10_000))
  for (const { name, state } of left) report.wrong('leaked', `${name} (${state})`)
  for (const process of containedIn(engine.place)) report.wrong('leaked', `a process of a container: ${process}`)
}
