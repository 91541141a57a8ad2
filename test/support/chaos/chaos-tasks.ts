import { readFile, rm } from 'node:fs/promises'
import type { v1 } from '../../../src/wire/messages.ts'
import { sandboxOf } from '../agent-places.ts'
import { judgeOutput } from './judge-output.ts'
import type { LastingFramework } from './lasting-framework.ts'
import type { Report } from './report.ts'
import { filesOf, type WriterKind } from './writers.ts'

export interface ChaosTask {
  readonly id: string
  readonly kind: WriterKind
  /** What struck before it was told to run. */
  readonly inLaunch: { agentEnds: number, engineDies: number }
  engineDeaths: number
  wasAskedToEnd: boolean
}

export function newTask (id: string, kind: WriterKind): ChaosTask {
  return { id, kind, inLaunch: { agentEnds: 0, engineDies: 0 }, engineDeaths: 0, wasAskedToEnd: false }
}

/** What became of a task that is over and whose container is gone, against what was promised. Its output is read, and removed. */
export async function judgeTask (task: ChaosTask, framework: LastingFramework, workDir: string, report: Report): Promise<void> {
  const ends = framework.ends(task.id)
  const [end] = ends
  if (end === undefined) return report.wrong('lost', `${task.id} was never told to have ended`)
  if (ends.length > 1) report.wrong('doubled', `${task.id} ended ${ends.length} times: ${ends.map(({ state, message }) => `${state} ${message}`).join('; ')}`)
  report.ended(end.state, end.state === 'TASK_FAILED' ? end.message : undefined)
  const wasRunning = framework.wasRunning(task.id)
  const isRight = rightEnds[end.state]?.(task, end, framework.told(task.id))
  if (isRight !== true) report.wrong('lost', `${task.id} (${task.kind}) ended ${end.state}${wasRunning ? ' when it ran' : ''}: ${end.message}`)
  if (wasRunning || end.state === 'TASK_FINISHED') await judgeStreams(task, end, sandboxOf(workDir, framework.id, task.id), report)
}

type Right = (task: ChaosTask, end: v1.TaskStatus, told: readonly v1.TaskStatus[]) => boolean

const agentEnded = /^Failed to launch container: .*(?:the agent ended while it was being launched|the agent is shutting down)$/
const statusLost = 'Failed to get exit status of container: the engine died before it had written it down'
const engineDied = /^Failed to launch container: (?:[a-z]+ failed: )?the engine (?:did not answer|was started anew|is down)/

/**
 * It ends well, or by our kill; an engine that dies may take along how it ended. What had not been told to run may fail if that which the message names did
 * strike, or be unknown if the agent had no time to note it down.
 */
const rightEnds: Partial<Record<v1.TaskState, Right>> = {
  TASK_FINISHED: () => true,
  TASK_KILLED: ({ wasAskedToEnd }) => wasAskedToEnd,
  TASK_FAILED: (task, { message = '' }, told) => (task.engineDeaths > 0 && message === statusLost) || mayFailToLaunch(task, message, told),
  TASK_LOST: ({ inLaunch }, _end, told) => inLaunch.agentEnds > 0 && told.every(({ state }) => state === 'TASK_LOST'),
}

function mayFailToLaunch ({ inLaunch }: ChaosTask, message: string, told: readonly v1.TaskStatus[]): boolean {
  const isKnown = (inLaunch.agentEnds > 0 && agentEnded.test(message)) || (inLaunch.engineDies > 0 && engineDied.test(message))
  return isKnown && told.every(({ state }) => state !== 'TASK_RUNNING')
}

async function judgeStreams (task: ChaosTask, { state }: v1.TaskStatus, sandbox: string, report: Report): Promise<void> {
  for (const { stream, has, wrote } of filesOf(sandbox)) {
    const [written, found] = await Promise.all([wrote, has].map(path => readFile(path, 'latin1').catch(() => '')))
    const output = { wrote: written ?? '', has: found ?? '', wasKilled: state !== 'TASK_FINISHED', maxGaps: task.engineDeaths }
    const verdict = judgeOutput(output)
    const { fault } = verdict
    report.checked(verdict)
    if (fault !== undefined) report.wrong(fault.kind, `${stream} of ${task.id} (${task.kind}): ${fault.told}`)
    else await Promise.all([has, wrote].map(path => rm(path, { force: true })))
  }
}
