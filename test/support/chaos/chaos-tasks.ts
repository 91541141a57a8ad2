import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { v1 } from '../../../src/wire/messages.ts'
import { judgeOutput } from './judge-output.ts'
import type { LastingFramework } from './lasting-framework.ts'
import type { Report } from './report.ts'
import { filesOf, type WriterKind } from './writers.ts'

export interface ChaosTask {
  readonly id: string
  readonly kind: WriterKind
  /** Faults that struck before it was told to run. */
  strikesInLaunch: number
  sawEngineDie: boolean
  wasAskedToEnd: boolean
}

/** Which agent's sandboxes to look into. */
export interface Home { readonly workDir: string, readonly instanceId: string }

/** What became of a task that is over and whose container is gone, against what was promised. Its output is read, and removed. */
export async function judgeTask (task: ChaosTask, framework: LastingFramework, home: Home, report: Report): Promise<void> {
  const ends = framework.ends(task.id)
  const [end] = ends
  if (end === undefined) return report.wrong('lost', `${task.id} was never told to have ended`)
  if (ends.length > 1) report.wrong('doubled', `${task.id} ended ${ends.length} times: ${ends.map(({ state, message }) => `${state} ${message}`).join('; ')}`)
  report.ended(end.state, end.state === 'TASK_FAILED' ? end.message : undefined)
  const wasRunning = framework.wasRunning(task.id)
  if (!isRight(end, task, wasRunning)) report.wrong('lost', `${task.id} (${task.kind}) ended ${end.state}: ${end.message}`)
  if (wasRunning || end.state === 'TASK_FINISHED') await judgeStreams(task, end, sandboxOf(task, framework, home), report)
}

/** It ends well, or by our kill; a launch that a fault struck may fail. An engine that dies in it may end, as it comes back, what it had not noted down. */
function isRight ({ state }: v1.TaskStatus, { strikesInLaunch, sawEngineDie, wasAskedToEnd }: ChaosTask, wasRunning: boolean): boolean {
  if (state === 'TASK_FINISHED') return true
  if (state === 'TASK_KILLED') return wasAskedToEnd
  return strikesInLaunch > 0 && (sawEngineDie || !wasRunning)
}

async function judgeStreams (task: ChaosTask, { state }: v1.TaskStatus, sandbox: string, report: Report): Promise<void> {
  for (const { stream, has, wrote } of filesOf(sandbox)) {
    const [written, found] = await Promise.all([wrote, has].map(path => readFile(path, 'latin1').catch(() => '')))
    const output = { wrote: written ?? '', has: found ?? '', wasKilled: state !== 'TASK_FINISHED', mayHaveGaps: task.sawEngineDie }
    const { gaps, bytes, fault } = judgeOutput(output)
    report.checked(bytes, gaps)
    if (fault !== undefined) report.wrong(fault.kind, `${stream} of ${task.id} (${task.kind}): ${fault.told}`)
    else await Promise.all([has, wrote].map(path => rm(path, { force: true })))
  }
}

function sandboxOf ({ id }: ChaosTask, framework: LastingFramework, { workDir, instanceId }: Home): string {
  return join(workDir, 'slaves', `${instanceId}-S0`, 'frameworks', framework.id, 'executors', id, 'runs', 'latest')
}
