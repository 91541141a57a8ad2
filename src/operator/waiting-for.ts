import type { Container } from '../containerizer/container.ts'
import type { StageRecord } from '../containerizer/timeline.ts'
import { describePull, type PullProgress } from '../model/pull-progress.ts'

/** How far the pull of an image is, while there is one. */
export type PullLookup = (image: string) => PullProgress | undefined

/** What a container waits for now, in words; several where fetch and pull run side by side, none while it simply runs. */
export function waitingFor (container: Container, pullOf: PullLookup): object[] {
  if (container.state === 'stopping') return [{ text: `the container's end: SIGTERM, and SIGKILL ${container.graceMs / 1000} s later` }]
  if (container.state === 'exited' || container.state === 'failed') return [{ text: 'the engine to confirm that the container is removed' }]
  if (container.state !== 'queued' && container.state !== 'launching') return []
  return container.timeline.records
    .filter(({ outcome }) => outcome === 'queued' || outcome === 'running')
    .map(record => stageWait(record, container, pullOf))
}

function stageWait ({ stage, outcome, startedAtMs }: StageRecord, container: Container, pullOf: PullLookup): object {
  const since = { stage, outcome, since: new Date(startedAtMs).toISOString() }
  if (outcome === 'queued') return { ...since, text: `its turn in stage ${stage}` }
  if (stage === 'pull') return { ...since, ...pullWait(pullOf(container.spec.image), Date.now() - startedAtMs) }
  if (stage === 'fetch') return { ...since, ...fetchWait(container) }
  return { ...since, text: `stage ${stage} to end` }
}

function pullWait (progress: PullProgress | undefined, elapsedMs: number): object {
  if (progress === undefined) return { text: 'the image: the engine is asked for it' }
  const { layers, layersDone, bytes, totalBytes } = progress
  return { text: `the image: ${describePull(progress, elapsedMs)}`, progress: { layers, layers_done: layersDone, bytes, total_bytes: totalBytes } }
}

function fetchWait ({ fetchProgress: progress, spec }: Container): object {
  if (progress === undefined) return { text: `its ${spec.uris.length} files` }
  const { file, files, name, bytes, totalBytes, bytesPerSecond } = progress
  return { text: `its files: ${name}, ${file} of ${files}`, progress: { file, files, name, bytes, total_bytes: totalBytes, bytes_per_second: bytesPerSecond } }
}
