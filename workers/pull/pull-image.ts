import { startThrottle } from '../../src/base/throttle.ts'
import { openEngineStreams } from '../../src/engine/docker-streams.ts'
import { AgentError } from '../../src/model/errors.ts'
import type { Input } from '../../src/pool/jobs.ts'
import type { JobContext } from '../../src/pool/serve.ts'

/** The engine can send a thousand lines a second; people read four. */
const reportMs = 250

/** Pulls under a no-progress deadline. */
export async function pullImage ({ socketPath, image, stallMs }: Input<'pull'>, context: JobContext<'pull'>): Promise<undefined> {
  const stop = new AbortController()
  const onCancel = (): void => { stop.abort(context.signal.reason) }
  context.signal.addEventListener('abort', onCancel, { once: true })
  const stalled = setTimeout(() => { stop.abort(new AgentError('STAGE_STALLED', `no progress for ${stallMs / 1000} s`)) }, stallMs)
  using report = startThrottle(context.progress, reportMs)       // at the end, where it ended or got stuck
  try {
    await openEngineStreams({ socketPath }).pull(image, progress => {
      stalled.refresh()
      report.add(progress)
    }, stop.signal)
    return undefined
  } finally {
    clearTimeout(stalled)
    context.signal.removeEventListener('abort', onCancel)
  }
}
