import { MessageChannel, receiveMessageOnPort, type MessagePort } from 'node:worker_threads'
import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import { deferred } from '../base/deferred.ts'
import { AgentError } from '../model/errors.ts'
import { isShort, type Input, type JobName, type Output, type Progress, type Reply, type ToMain, type ToWorker } from './jobs.ts'

const noPorts = { port1: undefined, port2: undefined }

/** Why a thread had to go. */
export const replacementReasons = ['died', 'cancel unanswered', 'stalled'] as const
export type ReplacementReason = typeof replacementReasons[number]

export interface MemberOptions {
  readonly name: string
  readonly entry: URL
  readonly jobsPerThread: number
  readonly cancelMs: number
  readonly pingMs: number
  readonly stallMs: number
  /** This thread can be trusted no more. Called once. */
  onLost (member: Member, why: ReplacementReason): void
}

/**
 * piscina tries `require` before `import`. Where that takes ES modules, Node 20 ends the whole process when a thread is ended in the middle of it
 * ("IsGraphAsync must be used on an instantiated module").
 */
const noRequireOfModules = '--no-experimental-require-module'
const threadFlags = [
  ...process.execArgv.filter(flag => flag === '--enable-source-maps'),
  ...process.allowedNodeEnvironmentFlags.has('--experimental-require-module') ? [noRequireOfModules] : [],
]

/**
 * One worker thread, a piscina of its own: one that hangs in a system call cannot be ended, and must not take the place of its successor. It is there from
 * `start` on, or from its first job.
 */
export class Member {
  readonly #options: MemberOptions
  #piscina: Piscina | undefined
  /** How each job under way is told that its thread is lost. One promise for all would keep every reply that was ever raced with it. */
  readonly #waiting = new Set<(error: AgentError) => void>()
  #isLost = false
  #pinger: NodeJS.Timeout | undefined
  #startedAt = Infinity
  inFlight = 0

  constructor (options: MemberOptions) { this.#options = options }

  /** Negative: it has not been started. */
  get ageMs (): number { return performance.now() - this.#startedAt }

  /** Does nothing the second time. Throws what keeps the process from having one more thread. */
  start (): Piscina {
    if (this.#isLost) throw this.#lostError('died')
    if (this.#piscina !== undefined) return this.#piscina
    const { entry, jobsPerThread } = this.#options
    this.#startedAt = performance.now()
    this.#piscina = new Piscina({
      filename: fileURLToPath(entry),
      minThreads: 1,
      maxThreads: 1,
      concurrentTasksPerWorker: jobsPerThread + 1,      // and a ping
      idleTimeout: Infinity,
      atomics: 'disabled',      // the default would freeze the sockets and timers of an idle thread
      recordTiming: false,
      execArgv: threadFlags,
    })
    this.#piscina.on('error', () => { this.#lose('died') })
    this.#pingLater()
    return this.#piscina
  }

  /** Settles when the thread has ended the job, or is lost: then WORKER_DIED. */
  async run<N extends JobName> (job: N, input: Input<N>, signal: AbortSignal, onProgress: ((progress: Progress<N>) => void) | undefined): Promise<Output<N>> {
    const { port1: port, port2 } = isShort[job] === true ? noPorts : new MessageChannel()
    const hear = ({ progress }: ToMain<N>): void => { onProgress?.(progress) }
    port?.on('message', hear)
    using _canceller = this.#cancelOver(port, signal)
    this.inFlight++
    try {
      const reply = await this.#post(job, { input, port: port2 }, ...port2 === undefined ? [] : [port2]) as Reply<Output<N>>
      if (!reply.ok) throw AgentError.fromWire(reply.error)
      return reply.value
    } catch (error) {
      throw signal.aborted ? signal.reason : error
    } finally {
      this.inFlight--
      // The reply comes over piscina's port, and may be here before what was said earlier over ours.
      if (port !== undefined) close(port, hear)
    }
  }

  async #post (job: string, task: unknown, ...transferList: MessagePort[]): Promise<unknown> {
    const lost = deferred<never>()
    this.#waiting.add(lost.reject)
    try {
      return await Promise.race([this.start().run(task, { name: job, transferList }), lost.promise])
    } catch (error) {
      this.#lose('died')
      throw error instanceof AgentError ? error : this.#lostError('died', error)
    } finally {
      this.#waiting.delete(lost.reject)
    }
  }

  #cancelOver (port: MessagePort | undefined, signal: AbortSignal): Disposable {
    let timer: NodeJS.Timeout | undefined
    const onAbort = (): void => {
      port?.postMessage({ cancel: AgentError.from(signal.reason).toWire() } satisfies ToWorker)
      timer = setTimeout(() => { this.#lose('cancel unanswered') }, this.#options.cancelMs)
    }
    signal.addEventListener('abort', onAbort, { once: true })
    return { [Symbol.dispose] () { clearTimeout(timer); signal.removeEventListener('abort', onAbort) } }
  }

  #pingLater (): void {
    const { pingMs, stallMs } = this.#options
    this.#pinger = setTimeout(() => {
      const stalled = setTimeout(() => { this.#lose('stalled') }, stallMs)
      stalled.unref()
      void this.#post('ping', undefined).catch(() => {}).finally(() => {
        clearTimeout(stalled)
        if (!this.#isLost) this.#pingLater()
      })
    }, pingMs)
    this.#pinger.unref()
  }

  /** Tells all its jobs, and does not wait for the thread. */
  #lose (why: ReplacementReason): void {
    if (this.#isLost) return
    this.#isLost = true
    for (const tell of this.#waiting) tell(this.#lostError(why))
    void this.close().catch(() => {})
    this.#options.onLost(this, why)
  }

  #lostError (why: ReplacementReason, cause?: unknown): AgentError {
    const { name } = this.#options
    return new AgentError('WORKER_DIED', `a ${name} worker was lost in the middle of its work (${why})`, { pool: name }, cause)
  }

  async close (): Promise<void> {
    this.#isLost = true
    clearTimeout(this.#pinger)
    await this.#piscina?.destroy()
  }
}

function close<N extends JobName> (port: MessagePort, hear: (said: ToMain<N>) => void): void {
  for (let left = receiveMessageOnPort(port); left !== undefined; left = receiveMessageOnPort(port)) hear(left.message as ToMain<N>)
  port.close()
}
