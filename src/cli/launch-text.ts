import { isLaunching, type ContainerReport, type Progress, type Wait } from './container-report.ts'
import { describeAge, describeBytes } from './durations.ts'

const barWidth = 20

/** What a launch is waiting for, on one line; undefined where it is not launching. */
export function describeLaunch (report: ContainerReport, nowMs: number): string | undefined {
  if (!isLaunching(report)) return undefined
  const { state, image, waiting_for: waits = [] } = report
  const parts = waits.flatMap(wait => wait.stage === undefined ? [] : [describeWait(wait.stage, wait, image, nowMs)])
  return parts.length > 0 ? parts.join(' | ') : state
}

function describeWait (stage: string, { outcome, progress, since }: Wait, image: string | undefined, nowMs: number): string {
  const subject = stage === 'pull' ? image : progress?.name
  const sinceMs = Date.parse(since ?? '')
  return [
    outcome === 'queued' ? `queued for ${stage}` : stage, subject, progress && describeProgress(progress),
    Number.isNaN(sinceMs) ? undefined : describeAge(nowMs - sinceMs),
  ].filter(part => part !== undefined).join(' ')
}

function describeProgress (progress: Progress): string {
  const { bytes, total_bytes: total = 0, bytes_per_second: rate, layers = 0, layers_done: done = 0, file, files = 1 } = progress
  const amount = total > 0 ? `${bar(bytes, total)} ${describeBytes(bytes)} of ${describeBytes(total)}` : describeBytes(bytes)
  if (layers > 0) return `${amount}, ${done} of ${layers} layers`
  return `${amount}${rate === undefined ? '' : `, ${describeBytes(rate)}/s`}${files > 1 ? `, file ${file} of ${files}` : ''}`
}

/** "[======>             ]" */
function bar (done: number, total: number): string {
  const filled = Math.min(barWidth, Math.max(0, Math.floor(barWidth * done / total)))
  return `[${('='.repeat(filled) + (filled < barWidth ? '>' : '')).padEnd(barWidth)}]`
}
