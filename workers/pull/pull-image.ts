import { startThrottle } from '../../src/base/throttle.ts'
import { openEngineStreams } from '../../src/engine/docker-streams.ts'
import type { RegistryAuth } from '../../src/model/docker-config.ts'
import { AgentError } from '../../src/model/errors.ts'
import type { Input } from '../../src/pool/jobs.ts'
import type { JobContext } from '../../src/pool/serve.ts'
import { askHelper } from './credential-helper.ts'

/** The engine can send a thousand lines a second; people read four. */
const reportMs = 250

/** Pulls under a no-progress deadline, with the registry's credentials if there are any. */
export async function pullImage ({ socketPath, image, stallMs, login }: Input<'pull'>, context: JobContext<'pull'>): Promise<undefined> {
  const auth = await authOf(login, stallMs, context.signal)
  const stop = new AbortController()
  const onCancel = (): void => { stop.abort(context.signal.reason) }
  context.signal.addEventListener('abort', onCancel, { once: true })
  const stalled = setTimeout(() => { stop.abort(new AgentError('STAGE_STALLED', `no progress for ${stallMs / 1000} s`)) }, stallMs)
  using report = startThrottle(context.progress, reportMs)       // at the end, where it ended or got stuck
  try {
    await openEngineStreams({ socketPath }, auth).pull(image, progress => {
      stalled.refresh()
      report.add(progress)
    }, stop.signal)
    return undefined
  } finally {
    clearTimeout(stalled)
    context.signal.removeEventListener('abort', onCancel)
  }
}

async function authOf (login: Input<'pull'>['login'], stallMs: number, signal: AbortSignal): Promise<RegistryAuth | undefined> {
  if (login?.kind === 'helper') return await askHelper(login, stallMs, signal)
  return login?.kind === 'given' ? login.auth : undefined
}
