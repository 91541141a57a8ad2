import { translateError } from '../../src/engine/translate-error.ts'
import type { ByteStream } from '../../src/engine/port.ts'

/** Hands over what a stream of the engine brings, until it ends. An abort ends it, with its reason. */
export async function carry (source: ByteStream, call: string, signal: AbortSignal, onChunk: (chunk: Buffer) => void): Promise<void> {
  const onAbort = (): void => { source.destroy() }
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) onChunk(chunk)
    signal.throwIfAborted()
  } catch (error) {
    throw signal.aborted ? signal.reason : translateError(error, call)
  } finally {
    signal.removeEventListener('abort', onAbort)
    source.destroy()
  }
}
