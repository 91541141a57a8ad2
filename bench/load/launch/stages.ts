import type { StageTimes } from '../../report/report.ts'
import { quantileOf } from '../../report/spread.ts'

/** What the agent says of one stage of one container, as it stands in its answer. */
export interface StageTold { readonly stage: string, readonly outcome: string, readonly queue_ms: number, readonly duration_ms: number }
export interface ContainerTold { readonly task_id: string, readonly sandbox: string, readonly stages: readonly StageTold[] }

/** The agent's containers that run, each with its own exact times. */
export async function runningContainers ({ url, token }: { readonly url: string, readonly token: string }): Promise<ContainerTold[]> {
  const answer = await fetch(`${url}/slipway/v1/containers?state=TASK_RUNNING`, { headers: { authorization: `Bearer ${token}` } })
  if (!answer.ok) throw new Error(`the agent answered ${answer.status}: ${await answer.text()}`)
  return (await answer.json() as { containers: ContainerTold[] }).containers
}

/** One row a stage, in the order in which a launch goes through them. */
export function stageTimes (containers: readonly ContainerTold[]): StageTimes[] {
  const byStage = new Map<string, StageTold[]>()
  for (const told of containers.flatMap(({ stages }) => stages)) byStage.set(told.stage, [...byStage.get(told.stage) ?? [], told])
  return [...byStage].map(([stage, all]) => {
    const [queued, took] = [all.map(({ queue_ms: ms }) => ms), all.map(({ duration_ms: ms }) => ms)]
    const at = (values: readonly number[], share: number): number => quantileOf(values, share)
    return { stage, queue: { p50: at(queued, 0.5), p99: at(queued, 0.99) }, took: { p50: at(took, 0.5), p95: at(took, 0.95), p99: at(took, 0.99) } }
  })
}

/** What its stages took, their queues not counted; of stages beside each other it counts both. */
export function workMs ({ stages }: ContainerTold): number {
  return stages.reduce((sum, { duration_ms: ms }) => sum + ms, 0)
}
