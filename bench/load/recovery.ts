import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ensureBusybox } from '../../test/support/images.ts'
import { eventually } from '../../test/support/eventually.ts'
import { nothingLeft } from '../../test/support/nothing-left.ts'
import { startOwnAgent, type OwnAgent } from '../../test/support/own-agent.ts'
import type { TaskWish, TestFramework } from '../../test/support/test-framework.ts'
import type { v1 } from '../../src/wire/messages.ts'
import { whole } from '../options.ts'
import type { Figure } from '../report/report.ts'
import { spread } from '../report/spread.ts'
import { clearsEngine } from './fleet/clear-engine.ts'
import { linePrinter, linesIn, printedOn, sandboxOf } from './fleet/line-printer.ts'
import { loadBench, type Ground } from './load-bench.ts'

const restarts = 5
/** Launched at a time: a launch may wait for its turn, but not for ever. */
const batch = 50
const patienceMs = 600_000
const onItsWay = new Set(['TASK_STAGING', 'TASK_STARTING'])

const options = {
  count: whole(100, 'containers that run when the agent is killed'),
  every: whole(10, 'seconds between two lines of a container'),
}

export const recovery = loadBench('an agent that is killed over running containers: to /health 200, to all log pipes, and every line of output', options,
  async (ground, { count, every }) => ({ rows: figures(await benchRecovery(ground, count, every)) }))

interface RecoveryMeasured {
  /** From the start of the process, one for each restart. */
  readonly healthyMs: readonly number[]
  readonly pipedMs: readonly number[]
  /** All that the containers have printed: each line was found, once and in order. */
  readonly lines: number
}

/** An agent that is killed over running containers and started again, some times over: when it serves, and when it carries the output of them all. */
async function benchRecovery ({ socket, tell }: Ground, count: number, everySeconds: number): Promise<RecoveryMeasured> {
  const image = await ensureBusybox(socket)
  await using agent = await startOwnAgent(socket, { resources: `cpus:64;mem:${count * 64};disk:10000` })
  const { instanceId } = JSON.parse(await readFile(join(agent.workDir, 'agent.json'), 'utf8')) as { instanceId: string }
  await using _ = clearsEngine(socket, instanceId)
  const framework = await agent.subscribe()
  const ids = await launchAll(framework, { image, shell: linePrinter(everySeconds), cpus: 0.01, mem: 32, graceMs: 0 }, count)
  tell(`${count} run`)
  const measured = []
  for (let restart = 0; restart < restarts; restart++) measured.push(await measure(agent, count))
  tell('restarted')
  const lines = await allLines(agent, ids, everySeconds)
  await endAll(agent, framework.frameworkId, ids)
  await nothingLeft(socket, instanceId, patienceMs)
  return { healthyMs: measured.map(({ healthyMs }) => healthyMs), pipedMs: measured.map(({ pipedMs }) => pipedMs), lines }
}

async function launchAll (framework: TestFramework, wish: TaskWish, count: number): Promise<string[]> {
  const ids: string[] = []
  while (ids.length < count) {
    const wishes = Array.from({ length: Math.min(batch, count - ids.length) }, () => wish)
    const launched = await framework.launch(...wishes)
    for (const id of launched) {
      const { state, message = '' } = await eventually(() => outcomeOf(framework, id), { withinMs: patienceMs, reason: `that ${id} runs` })
      if (state !== 'TASK_RUNNING') throw new Error(`${id} is ${state}: ${message}`)
    }
    ids.push(...launched)
  }
  return ids
}

/** Its first word that is not on its way there; false: none yet. */
function outcomeOf (framework: TestFramework, id: string): v1.TaskStatus | false {
  return framework.statuses.get(id)?.find(({ state }) => !onItsWay.has(state)) ?? false
}

async function measure (agent: OwnAgent, count: number): Promise<{ healthyMs: number, pipedMs: number }> {
  await agent.kill('SIGKILL')
  const startedAtMs = performance.now()
  const sinceStart = (): number => performance.now() - startedAtMs
  await agent.start()
  if ((await agent.get('/health')).status !== 200) throw new Error('it is ready and not healthy')
  const healthyMs = sinceStart()
  await eventually(async () => await agent.metric('slipway_log_pipes_open') === count, { withinMs: patienceMs, everyMs: 50, reason: 'all log pipes' })
  return { healthyMs, pipedMs: sinceStart() }
}

/** One in so many is waited for, until it has printed something more. */
const share = 10

async function allLines ({ workDir }: OwnAgent, ids: readonly string[], everySeconds: number): Promise<number> {
  const sandboxes = await Promise.all(ids.map(id => sandboxOf(workDir, id)))
  await printedOn(sandboxes.filter((_, at) => at % share === 0), (everySeconds + 60) * 1000)
  let lines = 0
  for (const sandbox of sandboxes) lines += await linesIn(sandbox)
  return lines
}

async function endAll (agent: OwnAgent, frameworkId: string, ids: readonly string[]): Promise<void> {
  const framework = await agent.subscribe({ id: { value: frameworkId } })
  for (const id of ids) await framework.kill(id)
  await eventually(async () => await agent.metric('slipway_containers{state="running"}') === 0, { withinMs: patienceMs, reason: 'the end of all' })
}

function figures ({ healthyMs, pipedMs, lines }: RecoveryMeasured): Figure[] {
  return [
    { name: 'from the start to /health 200', unit: 'ms', ...spread(healthyMs), better: 'lower', goals: [{ of: 'p50', atMost: 3_000 }] },
    { name: 'from the start to all log pipes', unit: 'ms', ...spread(pipedMs), better: 'lower', goals: [{ of: 'p50', atMost: 6_000 }] },
    { name: 'lines found as printed', unit: '', value: lines },
  ]
}
