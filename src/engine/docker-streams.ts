import type Docker from 'dockerode'
import type { RegistryAuth } from '../model/docker-config.ts'
import { AgentError } from '../model/errors.ts'
import { parseImage } from '../model/image-reference.ts'
import { attachTo } from './attach.ts'
import { call, connect, dial, type EngineAddress } from './engine-call.ts'
import { readNdjson } from './ndjson.ts'
import type { PullProgress } from '../model/pull-progress.ts'
import type { ByteStream, EngineStreams, LogRange } from './port.ts'
import { pullProgress, type PullLine } from './pull-progress.ts'
import { translateError, translateWords } from './translate-error.ts'

/** The long calls, for worker threads. Opening makes no call. `auth` is what registries are shown. */
export function openEngineStreams (address: EngineAddress, auth?: RegistryAuth): EngineStreams {
  const docker = connect(address)
  return {
    pull: (image, onProgress, signal) => pull(docker, { image, auth }, onProgress, signal),
    attach: (id, signal) => attach(address, id, signal),
    log: (id, range, signal) => readLog(docker, id, range, signal),
  }
}

interface Wanted { readonly image: string, readonly auth: RegistryAuth | undefined }

async function pull (docker: Docker, { image, auth }: Wanted, onProgress: (progress: PullProgress) => void, signal: AbortSignal): Promise<void> {
  const { repository, tag } = parseImage(image)
  const stream = await call('pull', signal, abortSignal => docker.createImage(auth, { fromImage: repository, tag, abortSignal }))
  // A hung body is ended by destroying the stream: the request's own signal no longer reaches a response that has begun.
  const onAbort = (): void => { (stream as NodeJS.ReadableStream & { destroy (): unknown }).destroy() }
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    const said = await readPull(stream as AsyncIterable<Buffer>, onProgress)
    signal.throwIfAborted()
    // The engine's last words are "Status: …"; a stream that was cut has none, and nothing else tells it from a whole one.
    if (!said.startsWith('Status: ')) throw new AgentError('PULL_FAILED', 'the engine broke off the pull without a word', { call: 'pull' })
  } catch (error) {
    throw signal.aborted ? signal.reason : translateError(error, 'pull')
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

async function readPull (stream: AsyncIterable<Buffer>, onProgress: (progress: PullProgress) => void): Promise<string> {
  const progress = pullProgress()
  let last = ''
  for await (const line of readNdjson(stream)) {
    const { error, status = '' } = line as PullLine
    if (error !== undefined) throw translateWords(error, 'pull')
    onProgress(progress.add(line as PullLine))
    last = status
  }
  return last
}

async function attach (address: EngineAddress, id: string, signal: AbortSignal): Promise<ByteStream> {
  return await call('attach', signal, async abortSignal => taken(await attachTo(address, id, abortSignal), signal))
}

async function readLog (docker: Docker, id: string, { since, follow }: LogRange, signal: AbortSignal): Promise<ByteStream> {
  const options = { stdout: true, stderr: true, timestamps: true, follow, ...(since !== '' && { since: secondsOf(since) }) }
  return await call('logs', signal, async abortSignal => {
    const stream = await dial<ByteStream>(docker, { path: `/containers/${id}/logs?`, method: 'GET', isStream: true, options, abortSignal })
    return taken(stream, signal)
  })
}

/** Aborted while the engine was answering: nobody will take the stream. */
function taken (stream: ByteStream, { aborted }: AbortSignal): ByteStream {
  if (aborted) stream.destroy()
  return stream
}

/** 2026-01-02T03:04:05.123456789Z as the engine wants it: no other form that it takes has its own precision. */
function secondsOf (time: string): string {
  return `${Date.parse(`${time.slice(0, 19)}Z`) / 1000}.${time.slice(20, 29)}`
}
