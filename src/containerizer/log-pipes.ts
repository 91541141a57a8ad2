import { readFile, unlink } from 'node:fs/promises'
import { backoff } from '../base/backoff.ts'
import { race, settlesWithin } from '../base/deadline.ts'
import { deferred, type Deferred } from '../base/deferred.ts'
import type { Log } from '../base/log.ts'
import { AgentError } from '../model/errors.ts'
import { parseLogRecord, recordPath, type LogRecord } from '../model/log-record.ts'
import type { PipeInput, PipeProgress } from '../pool/jobs.ts'
import type { Pool } from '../pool/pool.ts'
import type { Container } from './container.ts'
import type { EngineWatch } from './engine-watch.ts'
import type { ContainerizerMetrics } from './metrics.ts'

export interface LogSettings extends Pick<PipeInput, 'engineLogBytes' | 'rotation' | 'holdMs'> {
  /** How long a log may take to be filled after its container's end. */
  readonly fillMs: number
}

export interface LogPipesDeps {
  readonly pool: Pool
  readonly socketPath: string
  readonly metrics: ContainerizerMetrics
  readonly log: Log
  readonly settings: LogSettings
  readonly engineWatch: Pick<EngineWatch, 'isUp' | 'untilUp'>
  readonly closing: AbortSignal
  /** A pipe has ended: the container may have, too. */
  onEnd (container: Container): void
  /** Whether the engine was lost then, or since. */
  engineLostSince (ms: number): boolean
}

/** A pipe that has lost more workers than this is the cause of it. */
const maxWorkersLost = 3
/** A container whose pipe has ended is known as ended in no time; where it takes longer, the engine's log tells whether that was all. */
const promptMs = 300
/** A container that runs for so long after its pipe has ended had not ended with it. */
const endMs = 5_000
/** The engine's streams end one after the other when it goes. */
const togetherMs = 2_000
/** How long a pipe may lag behind its container's end. */
const drainMs = 5_000

interface Pipe { readonly container: Container, readonly engineId: string, readonly signal: AbortSignal, readonly attached: Deferred<void> }
type Laying = Pick<PipeInput, 'isNew' | 'isOver' | 'engineLostAtMs'>

/** The pipes from containers' output to their sandboxes. */
export class LogPipes {
  readonly #deps: LogPipesDeps
  readonly #cutters = new Map<string, AbortController>()
  readonly #filling = new WeakSet<Container>()

  constructor (deps: LogPipesDeps) { this.#deps = deps }

  /** Lays the pipe of a created container; back when it is attached. It ends with the container, or by `cut`. */
  async lay (container: Container, engineId: string, signal: AbortSignal): Promise<void> {
    const { attached, cutter } = this.#begin(container, engineId, true)
    try {
      await race(attached, signal)
    } catch (error) {
      cutter.abort(error)
      throw error
    }
  }

  /** Lays the pipe of a container that an earlier run of the agent has started, from where the sandbox ends. It is tried until it succeeds, or is cut. */
  async resume (container: Container, engineId: string): Promise<void> {
    const record = await readFile(recordPath(container.spec.sandbox.hostPath), 'utf8').then(parseLogRecord, () => undefined)
    if (record !== undefined) applyRecord(container, record)
    this.#begin(container, engineId, false)
  }

  /** Waits for the rest of the output of a container that has ended, but not for ever. */
  async drain (container: Container): Promise<void> {
    const { settings: { fillMs }, engineWatch, closing } = this.#deps
    const piped = container.piped.promise
    if (!await settlesWithin(piped, Math.min(drainMs, fillMs))) {
      const isUp = engineWatch.isUp
      if (!isUp) await engineWatch.untilUp(closing).catch(() => {})        // it has output that we have not
      if (!isUp || this.#filling.has(container)) await settlesWithin(piped, Math.max(drainMs, fillMs - drainMs))
    }
    this.cut(container)
    // A last word of it is still to be written.
    await settlesWithin(container.piped.promise, drainMs)
  }

  /** Ends the pipe of a container that is gone, or whose launch failed. */
  cut (container: Container): void {
    this.#cutters.get(container.id)?.abort(new AgentError('CANCELLED', 'the container is gone', { hasEnded: true }))
  }

  /** The agent goes and its containers stay: what their pipes miss from now on is filled by the next run. */
  leave (): void {
    for (const cutter of this.#cutters.values()) cutter.abort(new AgentError('CANCELLED', 'the agent goes, its containers stay'))
  }

  #begin (container: Container, engineId: string, isNew: boolean): { attached: Promise<void>, cutter: AbortController } {
    const attached = deferred()
    attached.promise.catch(() => {})
    const cutter = new AbortController()
    this.#cutters.set(container.id, cutter)
    void this.#keepUp({ container, engineId, signal: cutter.signal, attached }, isNew).finally(() => {
      this.#cutters.delete(container.id)
      container.piped.resolve()
      this.#deps.onEnd(container)
    })
    void container.gone.promise.then(() => forgetRecord(container))
    return { attached: attached.promise, cutter }
  }

  /** Until the container has ended and its output is complete: a pipe that breaks or ends before is laid again. */
  async #keepUp (pipe: Pipe, isNew: boolean): Promise<void> {
    const { metrics } = this.#deps
    const { container, signal, attached } = pipe
    const waits = backoff(100, 5_000)
    let laying: Laying = { isNew }
    for (let workersLost = 0; ;) {
      const wasOver = container.termination !== undefined
      const open = countedIn(metrics.openPipes)
      const broke = await failureOf(this.#pump(pipe, { ...laying, isOver: wasOver }, open.attach))
      open.end()
      const brokeAtMs = Date.now()
      if (isNew && broke !== undefined) attached.reject(broke)
      if (signal.aborted || (isNew && !await succeeds(attached.promise))) return
      const { isWhole, engineLost } = await this.#lookAfter(container, broke, waits)
      // The engine ends the log of a container before the last that it writes there: of that, only a reading after the end is the whole.
      if (isWhole && (laying.isNew || wasOver)) return
      workersLost += Number(broke?.code === 'WORKER_DIED')
      if (!this.#goesOn(container, broke, workersLost)) return
      const lostAt = engineLost ? brokeAtMs : undefined
      laying = { isNew: false, engineLostAtMs: open.wasAttached() ? lostAt : laying.engineLostAtMs ?? lostAt }
    }
  }

  /** Whether that was all of its output: it ended well, the container at the same time, and the engine lives. */
  async #lookAfter (container: Container, broke: AgentError | undefined, waits: Iterator<number>): Promise<{ isWhole: boolean, engineLost: boolean }> {
    const sinceMs = Date.now() - togetherMs
    this.#deps.onEnd(container)
    const hasEnded = await settlesWithin(container.ended.promise, broke === undefined ? promptMs : Number(waits.next().value))
    const engineLost = this.#deps.engineLostSince(sinceMs)
    return { isWhole: broke === undefined && hasEnded && !engineLost, engineLost }
  }

  #goesOn (container: Container, broke: AgentError | undefined, workersLost: number): boolean {
    const again = workersLost <= maxWorkersLost && (broke === undefined || broke.retry)
    if (broke !== undefined) this.#tellBroken(container, broke, again)
    // Its end may just not be known yet, on a machine that is busy.
    else void settlesWithin(container.ended.promise, endMs).then(hasEnded => { if (!hasEnded) this.#tellBroken(container, broke, again) })
    return again
  }

  #tellBroken (container: Container, error: AgentError | undefined, again: boolean): void {
    this.#deps.metrics.pipeFailures.inc()
    this.#deps.log.warn({ containerId: container.id, error, again }, 'a log pipe broke; the engine\'s log fills the gap')
  }

  async #pump ({ container, engineId: id, signal, attached }: Pipe, laying: Laying, onAttached: () => void): Promise<void> {
    const { pool, socketPath, metrics, settings: { engineLogBytes, rotation, holdMs } } = this.#deps
    if (!laying.isNew) this.#filling.add(container)
    if (container.logFiles === undefined) throw new AgentError('INTERNAL', 'no log files: prepare has not run')
    const { stdout, stderr } = container.logFiles
    const { terminal, sandbox } = container.spec
    const input = { socketPath, id, terminal, stdout, stderr, record: recordPath(sandbox.hostPath), engineLogBytes, rotation, holdMs, ...laying }
    const bytes = await pool.run('pipe', input, signal, said => {
      if (said.kind !== 'attached') {
        this.#heed(container, said)
        return
      }
      attached.resolve()
      onAttached()
    })
    metrics.logBytes.inc({ stream: 'stdout' }, bytes.stdout)
    metrics.logBytes.inc({ stream: 'stderr' }, bytes.stderr)
  }

  #heed (container: Container, said: Exclude<PipeProgress, { kind: 'attached' }>): void {
    const { metrics, log } = this.#deps
    if (said.kind === 'rotated') {
      applyRecord(container, said.record)
      return
    }
    metrics.logGaps.inc()
    metrics.logLostBytes.inc(said.lostBytes)
    log.warn({ containerId: container.id, lostBytes: said.lostBytes }, 'output of a container is missing in its sandbox, or may be')
  }
}

function applyRecord (container: Container, { stdout, stderr }: LogRecord): void {
  const files = container.logFiles
  if (files === undefined) return
  container.logFiles = { stdout: { ...stdout, path: files.stdout.path }, stderr: { ...stderr, path: files.stderr.path } }
}

/** Nothing will be added any more; what was rotated is still read by it. */
async function forgetRecord ({ spec, logFiles }: Container): Promise<void> {
  const hasRotated = [logFiles?.stdout, logFiles?.stderr].some(file => file !== undefined && file.start > 0)
  if (!hasRotated) await unlink(recordPath(spec.sandbox.hostPath)).catch(() => {})
}

/** One laying of a pipe, counted from when it is attached until it ends. */
function countedIn (gauge: ContainerizerMetrics['openPipes']): { attach (): void, wasAttached (): boolean, end (): void } {
  let isAttached = false
  return {
    attach () {
      if (!isAttached) gauge.inc()
      isAttached = true
    },
    wasAttached: () => isAttached,
    end () { if (isAttached) gauge.dec() },
  }
}

async function failureOf (work: Promise<unknown>): Promise<AgentError | undefined> {
  return await work.then(() => undefined, (error: unknown) => AgentError.from(error))
}

async function succeeds (work: Promise<unknown>): Promise<boolean> {
  return await failureOf(work) === undefined
}
