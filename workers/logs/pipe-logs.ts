import { openEngineStreams } from '../../src/engine/docker-streams.ts'
import { translateError } from '../../src/engine/translate-error.ts'
import type { Input, PipedBytes } from '../../src/pool/jobs.ts'
import type { JobContext } from '../../src/pool/serve.ts'
import { demultiplexer } from './demultiplex.ts'
import { openLogFile } from './log-file.ts'

/** Attaches, says so, and copies until the container ends or the job is cancelled. */
export async function pipeLogs ({ socketPath, id, gap, terminal, ...files }: Input<'pipe'>, context: JobContext<'pipe'>): Promise<PipedBytes> {
  using stdout = openLogFile(files.stdout)
  using stderr = openLogFile(files.stderr)
  // What comes from a terminal is one stream, as it is.
  const split = terminal === true
    ? (chunk: Buffer) => { stdout.append(chunk) }
    : demultiplexer((stream, bytes) => { (stream === 1 ? stdout : stderr).append(bytes) })
  const source = await openEngineStreams({ socketPath }).attach(id, context.signal)
  const onCancel = (): void => { source.destroy() }
  context.signal.addEventListener('abort', onCancel, { once: true })
  context.progress('attached')
  if (gap !== undefined) for (const file of [stdout, stderr]) file.append(Buffer.from(`\n${gap}\n`))
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) split(chunk)
    context.signal.throwIfAborted()
    return { stdout: stdout.written, stderr: stderr.written }
  } catch (error) {
    throw context.signal.aborted ? context.signal.reason : translateError(error, 'attach')
  } finally {
    context.signal.removeEventListener('abort', onCancel)
    source.destroy()
  }
}
