import { threadId, type MessagePort } from 'node:worker_threads'
import { AgentError } from '../model/errors.ts'
import type { Input, JobName, Output, Progress, Reply, ToMain, ToWorker } from './jobs.ts'

export interface Envelope<N extends JobName> { input: Input<N>, port: MessagePort }

export interface JobContext<N extends JobName> {
  /** Aborts with the AgentError of the one who cancelled. */
  readonly signal: AbortSignal
  progress (message: Progress<N>): void
}

/** The thread's side of a job: a handler that throws becomes a Reply that says so. */
export function serve<N extends JobName> (work: (input: Input<N>, context: JobContext<N>) => Promise<Output<N>>): (envelope: Envelope<N>) => Promise<Reply<Output<N>>> {
  return async ({ input, port }) => {
    const controller = new AbortController()
    const post = (message: ToMain<N>): void => { port.postMessage(message) }
    port.on('message', ({ cancel }: ToWorker) => { controller.abort(AgentError.fromWire(cancel)) })
    post({ thread: threadId })
    try {
      return { ok: true, value: await work(input, { signal: controller.signal, progress: progress => { post({ progress }) } }) }
    } catch (error) {
      return { ok: false, error: AgentError.from(error).toWire() }
    } finally {
      port.close()
    }
  }
}
