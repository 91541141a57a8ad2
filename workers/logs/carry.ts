import { deferred } from '../../src/base/deferred.ts'
import { translateError } from '../../src/engine/translate-error.ts'
import type { ByteStream } from '../../src/engine/port.ts'

/**
 * Hands over what a stream of the engine brings, until it ends; each chunk is valid during the call only. An abort ends it, with its reason; so does what
 * `onChunk` throws. A stream that is read by `for await` makes several promises for each chunk, and there may be thousands of streams.
 */
export async function carry (source: ByteStream, call: string, signal: AbortSignal, onChunk: (chunk: Buffer) => void): Promise<void> {
  const over = deferred()
  const onAbort = (): void => { source.destroy() }
  const take = (chunk: Buffer): void => {
    try {
      onChunk(chunk)
    } catch (error) {
      over.reject(error)
      source.destroy()
    }
  }
  const onClose = (): void => { over.reject(brokenOff()) }
  const onEnd = (): void => {
    source.off('close', onClose)
    over.resolve()
  }
  signal.addEventListener('abort', onAbort, { once: true })
  source.on('error', over.reject).on('close', onClose).on('end', onEnd)
  if (source.handOver === undefined) source.on('data', take)
  else source.handOver(take)
  if (source.destroyed === true) onClose()
  try {
    await over.promise
    signal.throwIfAborted()
  } catch (error) {
    throw signal.aborted ? signal.reason : translateError(error, call)
  } finally {
    signal.removeEventListener('abort', onAbort)
    source.destroy()
  }
}

/** As Node says it. */
function brokenOff (): Error {
  return Object.assign(new Error('Premature close'), { code: 'ERR_STREAM_PREMATURE_CLOSE' })
}
