import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import { race } from '../base/deadline.ts'
import type { Log } from '../base/log.ts'
import { AgentError } from '../model/errors.ts'
import type { Input, JobName, Output, Progress, Reply, ToMain, ToWorker } from './jobs.ts'

export interface PoolOptions {
  readonly name: string
  /** The compiled entry module: exports one `serve(…)` per job name. */
  readonly entry: URL
  readonly threads: number
  readonly jobsPerThread: number
  /** A worker that has not ended a cancelled job after this long is terminated. */
  readonly cancelMs: number
  readonly log: Log
  /** Told of each thread that was terminated for not answering, or died. */
  readonly onReplaced?: (why: 'no answer' | 'died') => void
}

export interface Pool extends AsyncDisposable {
  /**
   * Runs a job on a thread. Settles only when the thread has ended it: an abort cancels over the port, and what comes back is the signal's
   * reason. Fails QUEUE_FULL at once when all places are taken, WORKER_DIED when the thread ended under it.
   */
  run<N extends JobName> (job: N, input: Input<N>, signal: AbortSignal, onProgress?: (progress: Progress<N>) => void): Promise<Output<N>>
  readonly inFlight: number
  readonly capacity: number
}

const closeMs = 5_000

export function startPool (options: PoolOptions): Pool {
  const { name, threads, jobsPerThread, log } = options
  const piscina = new Piscina({
    filename: fileURLToPath(options.entry),
    minThreads: threads,
    maxThreads: threads,
    concurrentTasksPerWorker: jobsPerThread,
    idleTimeout: Infinity,
    atomics: 'disabled',      // the default would freeze the sockets and timers of an idle thread
  })
  piscina.on('error', (error: unknown) => { log.error({ pool: name, error }, 'a worker thread failed outside a job') })
  const capacity = threads * jobsPerThread
  let inFlight = 0

  async function run<N extends JobName> (job: N, input: Input<N>, signal: AbortSignal, onProgress?: (progress: Progress<N>) => void): Promise<Output<N>> {
    signal.throwIfAborted()
    if (inFlight >= capacity) throw new AgentError('QUEUE_FULL', `all ${capacity} places of the ${name} workers are taken`, { pool: name })
    inFlight++
    const { port1: port, port2 } = new MessageChannel()
    const canceller = cancelOver(port, signal, thread => { replace(thread, 'no answer') })
    port.on('message', (message: ToMain<N>) => {
      if ('thread' in message) canceller.thread = message.thread
      else onProgress?.(message.progress)
    })
    try {
      const reply = await piscina.run({ input, port: port2 }, { name: job, transferList: [port2] }) as Reply<Output<N>>
      if (!reply.ok) throw AgentError.fromWire(reply.error)
      return reply.value
    } catch (error) {
      if (signal.aborted) throw signal.reason
      if (error instanceof AgentError) throw error
      options.onReplaced?.('died')
      throw new AgentError('WORKER_DIED', `a ${name} worker ended in the middle of its work`, { pool: name }, error)
    } finally {
      inFlight--
      canceller[Symbol.dispose]()
      port.close()
    }
  }

  function cancelOver (port: MessagePort, signal: AbortSignal, onSilence: (thread: number) => void): Disposable & { thread: number | undefined } {
    let timer: NodeJS.Timeout | undefined
    const onAbort = (): void => {
      port.postMessage({ cancel: AgentError.from(signal.reason).toWire() } satisfies ToWorker)
      timer = setTimeout(() => { if (canceller.thread !== undefined) onSilence(canceller.thread) }, options.cancelMs)
    }
    const canceller = {
      thread: undefined as number | undefined,
      [Symbol.dispose] () { clearTimeout(timer); signal.removeEventListener('abort', onAbort) },
    }
    signal.addEventListener('abort', onAbort, { once: true })
    return canceller
  }

  function replace (threadId: number, why: 'no answer'): void {
    const thread = piscina.threads.find(worker => worker.threadId === threadId)
    log.warn({ pool: name, thread: threadId }, 'a worker thread did not answer a cancel and is replaced')
    options.onReplaced?.(why)
    void thread?.terminate()
  }

  return {
    run,
    get inFlight () { return inFlight },
    capacity,
    async [Symbol.asyncDispose] () {
      const bound = AbortSignal.timeout(closeMs)
      await race(piscina.destroy(), bound).catch((error: unknown) => { log.warn({ pool: name, error }, 'worker threads did not end in time') })
    },
  }
}
