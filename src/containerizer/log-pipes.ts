import { readFile, unlink } from 'node:fs/promises'
import { delay, race, settlesWithin } from '../base/deadline.ts'
import { deferred, type Deferred } from '../base/deferred.ts'
import type { Log } from '../base/log.ts'
import type { EngineRuns } from '../engine/engine-runs.ts'
import { AgentError } from '../model/errors.ts'
import { parseLogRecord, recordPath, type LogRecord } from '../model/log-record.ts'
import type { PipeInput, PipeProgress } from '../pool/jobs.ts'
import type { Pool } from '../pool/pool.ts'
import type { Container } from './container.ts'
import type { EngineWatch } from './engine-watch.ts'
import type { ContainerizerMetrics } from './metrics.ts'
import { countedIn, isLive, layingAfter, type Laid, type Laying } from './pipe-laying.ts'
import { PipePatience, type LastResort } from './pipe-patience.ts'

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
  readonly engineRuns: Pick<EngineRuns, 'begins'>
  /** Whether the engine was lost then, or since. */
  engineLostSince (ms: number): boolean
}

/** A container whose pipe has ended is known as ended in no time; where it takes longer, the engine's log tells whether that was all. */
const promptMs = 300
/** A container that runs for so long after its pipe has ended had not ended with it. */
const endMs = 5_000
/** The engine's streams end one after the other when it goes. */
const togetherMs = 2_000
/** How long a pipe may lag behind its container's end. */
const drainMs = 5_000

interface Pipe { readonly container: Container, readonly engineId: string, readonly signal: AbortSignal, readonly attached: Deferred<void> }

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

  /** Waits for the rest of the output of a container that has ended, but not for ever; that of one that may still run ends with its removal. */
  async drain (container: Container): Promise<void> {
    if (container.termination?.mayStillRun === true) return
    const { settings: { fillMs }, engineWatch, closing } = this.#deps
    const piped = container.piped.promise
    if (!await settlesWithin(piped, Math.min(drainMs, fillMs))) {
      const isUp = engineWatch.isUp
      if (!isUp) await engineWatch.untilUp(closing).catch(() => {})        // it has output that we have not
      if (!isUp || this.#filling.has(container)) await settlesWithin(piped, Math.max(drainMs, fillMs - drainMs))
    }
    this.#cut(container, new AgentError('CANCELLED', 'the rest of its output is not waited for any longer', { isLate: true }))
    // A last word of it is still to be written.
    await settlesWithin(container.piped.promise, drainMs)
  }

  /** Ends the pipe of a container whose launch failed. */
  cut (container: Container): void {
    this.#cut(container, new AgentError('CANCELLED', 'its launch failed'))
  }

  /** The agent goes and its containers stay: what their pipes miss from now on is filled by the next run. */
  leave (): void {
    for (const cutter of this.#cutters.values()) cutter.abort(new AgentError('CANCELLED', 'the agent goes, its containers stay'))
  }

  #cut (container: Container, why: AgentError): void {
    this.#cutters.get(container.id)?.abort(why)
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
    // The last word of its pipe may come after its removal.
    void Promise.all([container.gone.promise, container.piped.promise]).then(() => forgetRecord(container))
    return { attached: attached.promise, cutter }
  }

  /** Until the container has ended and its output is complete: a pipe that breaks or ends before is laid again. */
  async #keepUp (pipe: Pipe, isNew: boolean): Promise<void> {
    const { signal, attached } = pipe
    const patience = new PipePatience()
    for (let laying: Laying | undefined = { isNew }; laying !== undefined;) {
      const laid = await this.#lay(pipe, laying)
      if (isNew && laid.broke !== undefined) attached.reject(laid.broke)
      // The engine ends the log of a container before the last that it writes there: of that, only a reading after the end is the whole.
      if (laid.isOver && laid.broke === undefined) return
      if (isNew && !await succeeds(attached.promise)) return
      if (signal.aborted) return await this.#leaveOff(pipe, laying, laid)
      laying = await this.#next(pipe, laying, laid, patience)
    }
  }

  /** Back when it has ended. */
  async #lay (pipe: Pipe, laying: Laying): Promise<Laid> {
    const isOver = pipe.container.termination !== undefined
    const open = countedIn(this.#deps.metrics.openPipes)
    const broke = await failureOf(this.#pump(pipe, { ...laying, isOver }, open.attach))
    return { ...open.end(), isOver, broke, endedAtMs: Date.now() }
  }

  /** undefined: that was all, or all that there will be. */
  async #next (pipe: Pipe, laying: Laying, laid: Laid, patience: PipePatience): Promise<Laying | undefined> {
    const { broke, livedMs } = laid
    const { isWhole, engineLost } = await this.#lookAfter(pipe, broke, patience)
    const isLive = this.#isLive(pipe, laying)
    if (isWhole && isLive) return undefined
    if (broke === undefined && isLive && !engineLost) patience.endedInOrder()
    const resort = broke && patience.lastResort(broke, livedMs)
    this.#tellBroken(pipe.container, broke, resort)
    if (resort?.goesOn === false) {
      await this.#lastWord(pipe, resort.why)
      return undefined
    }
    return layingAfter(laying, laid, { engineLost, unreadable: resort?.why })
  }

  /** A terminal's output is never read from the log. */
  #isLive ({ container }: Pick<Pipe, 'container'>, laying: Laying): boolean {
    return isLive(laying) || container.spec.terminal === true
  }

  /** Whether that was all of its output: it ended well, the container at the same time, and the engine lives. */
  async #lookAfter (pipe: Pipe, broke: AgentError | undefined, patience: PipePatience): Promise<{ isWhole: boolean, engineLost: boolean }> {
    const { container, signal } = pipe
    const sinceMs = Date.now() - togetherMs
    this.#deps.onEnd(container)
    const waitMs = broke === undefined ? promptMs : patience.waitMs()
    if (broke !== undefined && container.termination !== undefined) await delay(waitMs, signal).catch(() => {})
    const hasEnded = await settlesWithin(container.ended.promise, waitMs)
    const engineLost = this.#deps.engineLostSince(sinceMs)
    return { isWhole: broke === undefined && hasEnded && !engineLost, engineLost }
  }

  /** It is cut off. What should have come by now is missing, which one that is read live again has been told of. */
  async #leaveOff (pipe: Pipe, laying: Laying, { wasAttached }: Laid): Promise<void> {
    const isLate = AgentError.from(pipe.signal.reason).detail['isLate'] === true
    const isMarked = wasAttached && !laying.isNew && this.#isLive(pipe, laying)
    if (isLate && !isMarked) await this.#lastWord(pipe, 'the engine did not give the rest in time')
  }

  async #lastWord (pipe: Pipe, why: string | undefined): Promise<void> {
    if (why === undefined) return
    const signal = AbortSignal.timeout(drainMs)
    const failure = await failureOf(this.#pump({ ...pipe, signal }, { isNew: false, isOver: true, unreadable: why }, () => {}))
    if (failure === undefined) return
    this.#deps.log.warn({ containerId: pipe.container.id, error: failure, why }, 'output is missing in a sandbox, and it could not be marked')
  }

  #tellBroken (container: Container, error: AgentError | undefined, resort: LastResort | undefined): void {
    const next = resort?.why ?? 'the engine\'s log fills the gap'
    const tell = (): void => {
      this.#deps.metrics.pipeFailures.inc()
      this.#deps.log.warn({ containerId: container.id, error }, `a log pipe broke; ${next}`)
    }
    if (error !== undefined) tell()
    // Its end may just not be known yet, on a machine that is busy.
    else void settlesWithin(container.ended.promise, endMs).then(hasEnded => { if (!hasEnded) tell() })
  }

  async #pump ({ container, engineId: id, signal, attached }: Pipe, laying: Laying, onAttached: () => void): Promise<void> {
    const { pool, socketPath, engineRuns: { begins: engineBegins }, metrics, settings: { engineLogBytes, rotation, holdMs } } = this.#deps
    if (this.#isLive({ container }, laying)) this.#filling.delete(container)
    else this.#filling.add(container)
    if (container.logFiles === undefined) throw new AgentError('INTERNAL', 'no log files: prepare has not run')
    const { stdout, stderr } = container.logFiles
    const { terminal, sandbox } = container.spec
    const input = { socketPath, id, terminal, stdout, stderr, record: recordPath(sandbox.hostPath), engineLogBytes, rotation, holdMs, engineBegins, ...laying }
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

async function failureOf (work: Promise<unknown>): Promise<AgentError | undefined> {
  return await work.then(() => undefined, (error: unknown) => AgentError.from(error))
}

async function succeeds (work: Promise<unknown>): Promise<boolean> {
  return await failureOf(work) === undefined
}
