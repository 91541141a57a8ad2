import { settlesWithin } from '../base/deadline.ts'
import type { Log } from '../base/log.ts'
import { AgentError } from '../model/errors.ts'
import { isRepeatable, type Input, type JobName, type Output, type Progress } from './jobs.ts'
import { Member, type ReplacementReason } from './member.ts'
import type { PoolMetrics } from './metrics.ts'

export interface PoolOptions {
  readonly name: string
  /** The compiled entry module: exports one `serve(…)` per job name, and `ping`. */
  readonly entry: URL
  readonly threads: number
  readonly jobsPerThread: number
  /** A thread that has not ended a cancelled job after this long is replaced. */
  readonly cancelMs: number
  /** How often a thread is asked whether it still turns, and how long it may take to answer before it is replaced. */
  readonly pingMs?: number
  readonly stallMs?: number
  readonly log: Log
  readonly metrics?: PoolMetrics
}

const closeMs = 5_000
/** When this many in a row are lost before this age, the next is not started at once. */
const maxYoungLosses = 5
const youngMs = 1_000

/** Worker threads of one kind, each begun by its first job or by `start`. A thread that is lost is replaced without waiting for it. */
export class Pool implements AsyncDisposable {
  readonly #options: PoolOptions
  readonly #members: Member[]
  readonly capacity: number
  #isClosed = false
  #youngLosses = 0

  constructor (options: PoolOptions) {
    this.#options = options
    this.capacity = options.threads * options.jobsPerThread
    this.#members = Array.from({ length: options.threads }, () => this.#newMember())
    options.metrics?.poolFrom(options.name, () => this.inFlight, this.capacity)
  }

  get inFlight (): number {
    return this.#members.reduce((sum, member) => sum + member.inFlight, 0)
  }

  /** Has its threads ready before their first jobs come. Should one not start, its first job tries again. */
  start (): void {
    for (const member of this.#members) {
      try {
        member.start()
      } catch (error) {
        this.#options.log.error({ pool: this.#options.name, error }, 'a worker thread could not be started')
      }
    }
  }

  /**
   * Runs a job on the least loaded thread. Settles only when the thread has ended it: an abort cancels over the port, and what comes back is the
   * signal's reason. Fails QUEUE_FULL at once when all places are taken. A thread lost under it is WORKER_DIED, after one more try where the job may
   * be repeated.
   */
  async run<N extends JobName> (job: N, input: Input<N>, signal: AbortSignal, onProgress?: (progress: Progress<N>) => void): Promise<Output<N>> {
    try {
      return await this.#runOnce(job, input, signal, onProgress)
    } catch (error) {
      if (!isRepeatable[job] || signal.aborted || !(error instanceof AgentError) || error.code !== 'WORKER_DIED') throw error
      this.#options.log.info({ pool: this.#options.name, job }, 'a job is repeated on another thread')
      return await this.#runOnce(job, input, signal, onProgress)
    }
  }

  async #runOnce<N extends JobName> (job: N, input: Input<N>, signal: AbortSignal, onProgress?: (progress: Progress<N>) => void): Promise<Output<N>> {
    signal.throwIfAborted()
    const { name, jobsPerThread } = this.#options
    const member = this.#members.reduce((least, other) => other.inFlight < least.inFlight ? other : least)
    if (member.inFlight >= jobsPerThread) throw new AgentError('QUEUE_FULL', `all ${this.capacity} places of the ${name} workers are taken`, { pool: name })
    return await member.run(job, input, signal, onProgress)
  }

  #newMember (): Member {
    const { pingMs = 5_000, stallMs = 60_000 } = this.#options
    return new Member({ ...this.#options, pingMs, stallMs, onLost: (member, why) => { this.#replace(member, why) } })
  }

  #replace (member: Member, why: ReplacementReason): void {
    const { name, log, metrics } = this.#options
    log.warn({ pool: name, why, jobs: member.inFlight }, 'a worker thread was lost and is replaced')
    metrics?.replaced(name, why)
    const at = this.#members.indexOf(member)
    this.#youngLosses = member.ageMs > youngMs ? 0 : this.#youngLosses + 1
    if (this.#youngLosses < maxYoungLosses) this.#startAnother(at)
    else this.#replaceLater(at)
  }

  #startAnother (at: number): void {
    const member = this.#newMember()
    try {
      member.start()
      this.#members[at] = member
    } catch (error) {
      this.#options.log.error({ pool: this.#options.name, error }, 'a worker thread could not be started; trying again')
      this.#replaceLater(at)
    }
  }

  /** One that dies as soon as it lives would keep us busy with nothing else; until then its place answers WORKER_DIED. */
  #replaceLater (at: number): void {
    setTimeout(() => { if (!this.#isClosed) this.#startAnother(at) }, youngMs).unref()
  }

  async [Symbol.asyncDispose] (): Promise<void> {
    this.#isClosed = true
    const closed = Promise.allSettled(this.#members.map(member => member.close()))
    if (!await settlesWithin(closed, closeMs)) this.#options.log.warn({ pool: this.#options.name }, 'worker threads did not end in time')
  }
}

export function startPool (options: PoolOptions): Pool {
  return new Pool(options)
}
