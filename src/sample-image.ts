import { startDeadline } from './base/deadline.ts'
import { busyboxTar, findStaticBusybox } from './busybox-image.ts'
import type { Engine, EngineStreams } from './engine/port.ts'
import { AgentError, chain } from './model/errors.ts'

export interface SampleImage {
  readonly image: string
  /** Where it came from, for people. */
  readonly origin: string
}

const published = 'busybox:latest'
const imported = 'slipway-sample:latest'
const lookMs = 10_000
const pullMs = 15_000
const importMs = 60_000

/** An image with a shell: from the engine's store, else a registry, else made of a static busybox of this host. */
export async function ensureSampleImage (engine: Engine, streams: EngineStreams, signal: AbortSignal): Promise<SampleImage> {
  for (const image of [published, imported]) {
    if (await within(lookMs, signal, bounded => engine.hasImage(image, bounded))) return { image, origin: 'it was in the engine\'s store' }
  }
  try {
    await within(pullMs, signal, bounded => streams.pull(published, () => {}, bounded))
    return { image: published, origin: 'pulled from its registry' }
  } catch (error) {
    signal.throwIfAborted()
    return await importBusybox(engine, signal, chain(error))
  }
}

async function importBusybox (engine: Engine, signal: AbortSignal, whyNotPulled: string): Promise<SampleImage> {
  const path = await findStaticBusybox()
  if (path === undefined) {
    const hint = 'there is no static busybox here to make one of (apt-get install busybox-static)'
    throw new AgentError('IMAGE_NOT_FOUND', `no sample image: pull of ${published} failed (${whyNotPulled}), and ${hint}`)
  }
  const tar = await busyboxTar(path)
  await within(importMs, signal, bounded => engine.importImage(tar, imported, bounded))
  return { image: imported, origin: `imported from ${path}, since ${published} could not be pulled (${whyNotPulled})` }
}

async function within<T> (ms: number, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  using deadline = startDeadline(signal, ms, () => new AgentError('STAGE_TIMEOUT', `took over ${ms / 1000} s`))
  return await work(deadline.signal)
}
