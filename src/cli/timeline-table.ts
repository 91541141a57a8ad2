import type { ContainerReport } from './container-report.ts'

/** The stages of a container as a table for a terminal. */
export function timelineTable ({ stages }: Pick<ContainerReport, 'stages'>): string {
  const lines = stages.map(({ stage, outcome, queue_ms, duration_ms }) =>
    line([stage, outcome, milliseconds(queue_ms), milliseconds(duration_ms)]))
  return [line(['stage', 'outcome', 'queued', 'took']), ...lines].join('\n')
}

function line ([stage, outcome, queued, took]: readonly [string, string, string, string]): string {
  return `  ${stage.padEnd(10)}${outcome.padEnd(11)}${queued.padStart(10)}${took.padStart(12)}`
}

function milliseconds (ms: number): string {
  return `${ms.toFixed(1)} ms`
}
