import type { MessagePort } from 'node:worker_threads'
import { AgentError } from '../model/errors.ts'
import type { Input, JobName, Output, Progress, Reply, ToMain, ToWorker } from './jobs.ts'

export interface Envelope<N extends JobName> { input: Input<N>, port: MessagePort | undefined }

export interface JobContext<N extends JobName> {
  /** Aborts with the AgentError of the one who cancelled. */
  readonly signal: AbortSignal
  progress (message: Progress<N>): void
}

export type Work<N extends JobName> = (input: Input<N>, context: JobContext<N>) => Promise<Output<N>>

/** The thread's side of a job: a handler that throws becomes a Reply that says so. */
export function serve<N extends JobName> (work: Work<N>): (envelope: Envelope<N>) => Promise<Reply<Output<N>>> {
  return async ({ input, port }) => {
    const controller = new AbortController()
    const progress = (message: Progress<N>): void => { port?.postMessage({ progress: message } satisfies ToMain<N>) }
    port?.on('message', ({ cancel }: ToWorker) => { controller.abort(AgentError.fromWire(cancel)) })
    try {
      return { ok: true, value: await work(input, { signal: controller.signal, progress }) }
    } catch (error) {
      return { ok: false, error: AgentError.from(error).toWire() }
    } finally {
      port?.close()
    }
  }
}

/** Every entry exports it: main asks now and then whether the thread still turns. */
export const ping = (): true => true
