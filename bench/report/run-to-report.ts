import { describeMachine } from './machine.ts'
import { schema, type Findings, type Report } from './report.ts'
import { describeRevision } from './revision.ts'

export interface Run {
  readonly bench: string
  readonly options: Report['options']
  /** The engine that it measures, if it measures one. */
  readonly engineSocket?: string
  readonly work: () => Promise<Findings>
}

/** Runs a bench and writes down under which circumstances. */
export async function runToReport ({ bench, options, engineSocket, work }: Run): Promise<Report> {
  const [machine, revision, started, startedAtMs] = [await describeMachine(engineSocket), describeRevision(), new Date(), performance.now()]
  const findings = await work()
  const seconds = (performance.now() - startedAtMs) / 1000
  return { schema, bench, options, machine, revision, startedAt: started.toISOString(), seconds, ...findings }
}
