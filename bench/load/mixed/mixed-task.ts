import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { v1 } from '../../../src/wire/messages.ts'
import type { LoadFramework } from '../launch/load-framework.ts'
import { taskInfoOf } from '../launch/wish.ts'
import { fates, type Planned } from './plan.ts'

/** Nothing listens there. */
const noImage = '127.0.0.1:9/slipway-test/none:1'

export function infoOf ({ id, fate, lifeMs, lines }: Planned, image: string, agentId: string): v1.TaskInfo {
  const print = `i=0; while [ $i -lt ${lines} ]; do echo line $i; i=$((i+1)); done`
  const shell = `${print}; sleep ${fates[fate].state === 'TASK_KILLED' ? 100_000 : (lifeMs / 1000).toFixed(3)}; exit ${fate === 'fails' ? 3 : 0}`
  return taskInfoOf({ image: fate === 'has no image' ? noImage : image, network: 'host', uris: [], logLines: 0, shell }, id, agentId)
}

export interface Lived {
  readonly task: Planned
  /** From when it was due; undefined where it was not to run. */
  readonly runningMs: number | undefined
  /** From the kill to the last word. */
  readonly killedMs: number | undefined
  /** What went otherwise than it should have; undefined: nothing. */
  readonly fault: string | undefined
}

/** Sees one task from the time it is due to its end. `ask` has it launched, and is back when the agent has accepted that. */
export async function liveThrough (framework: LoadFramework, task: Planned, startedAtMs: number, ask: (id: string) => Promise<void>): Promise<Lived> {
  const { id, fate, dueMs, lifeMs } = task
  const { state, runs } = fates[fate]
  if (startedAtMs + dueMs > performance.now()) await wait(startedAtMs + dueMs - performance.now())
  const running = framework.running(id).then(({ atMs }) => atMs, () => undefined)
  const end = framework.end(id)
  end.catch(() => {})
  await ask(id)
  const runningAtMs = runs ? await running : undefined
  let killedAtMs: number | undefined
  if (state === 'TASK_KILLED') {
    if (fate === 'is killed') await wait(lifeMs)
    killedAtMs = performance.now()
    framework.kill(id)
  }
  const told = await end
  const isRight = told.state === state && (!runs || runningAtMs !== undefined)
  return {
    task,
    runningMs: runningAtMs === undefined ? undefined : runningAtMs - startedAtMs - dueMs,
    killedMs: killedAtMs === undefined ? undefined : told.atMs - killedAtMs,
    fault: isRight ? undefined : `${id} ${fate}, and is ${told.state}: ${told.message}`,
  }
}

/** What is wrong with the output of a task that has ended by itself; undefined: nothing. */
export async function outputFault ({ id, lines }: Planned, sandbox: string): Promise<string | undefined> {
  const expected = Array.from({ length: lines }, (_, at) => `line ${at}\n`).join('')
  const found = await readFile(join(sandbox, 'stdout'), 'utf8')
  return found === expected ? undefined : `${id} has printed ${expected.length} bytes, and ${found.length} of them or others are in its sandbox`
}
