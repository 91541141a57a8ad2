import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { beginning, foreignIn, parseLogRecord, positionIn, type Anchor, type KnownRun, type LogRecord, type StreamRecord } from '../../src/model/log-record.ts'
import type { KnownFile } from '../../src/pool/jobs.ts'
import type { StreamNumber } from './demultiplex.ts'
import { isSameKnowledge } from './engine-losses.ts'
import { timeText } from './log-entries.ts'
import { attempt, openLogFile, type LogFile } from './log-file.ts'
import { nameOf } from './log-place.ts'
import { isThere, makeSpare, putInPlace, successor, type Rotation } from './rotate.ts'

export interface SandboxLogsOptions {
  /** As they were made. */
  readonly stdout: KnownFile
  readonly stderr: KnownFile
  readonly record: string
  readonly rotation: Rotation
  onRotated? (record: LogRecord): void
}

const both = [1, 2] as const

/** Both log files of a sandbox, and what is remembered of them. Nothing of it is written by the line. */
export class SandboxLogs implements Disposable {
  readonly #options: SandboxLogsOptions
  readonly #files: Record<StreamNumber, LogFile>
  readonly #written: Record<StreamNumber, number> = { 1: 0, 2: 0 }
  #record: LogRecord
  #lastAppendMs = 0

  constructor (options: SandboxLogsOptions) {
    this.#options = options
    this.#record = readRecord(options.record) ?? { version: 1, stdout: firstFile(options.stdout), stderr: firstFile(options.stderr), anchor: beginning }
    const stdout = this.#open(1)
    try {
      this.#files = { 1: stdout, 2: this.#open(2) }
    } catch (error) {
      stdout[Symbol.dispose]()
      throw error
    }
    this.#settleMarks()
  }

  get anchor (): Anchor | undefined { return this.#record.anchor }

  /** As `complete` noted it. */
  get isComplete (): boolean { return this.#record.isComplete === true }

  get engine (): KnownRun | undefined { return this.#record.engine }

  /** The container's own bytes that were added by us. */
  get written (): { stdout: number, stderr: number } { return { stdout: this.#written[1], stderr: this.#written[2] } }

  /** How much of a stream has come to its files, ever. */
  position (stream: StreamNumber): number { return positionIn(this.#record[nameOf[stream]], this.#files[stream].size) }

  /** The end of a stream as its newest file has it; undefined where that is shorter, or cannot be read. */
  tail (stream: StreamNumber, bytes: number): Buffer | undefined { return this.#files[stream].tail(bytes) }

  /** When one of the files was written last: what came later the container has not written before. */
  lastWrite (): string {
    return timeText(Math.max(this.#lastAppendMs, ...both.map(stream => this.#files[stream].stats.mtimeMs)))
  }

  append (stream: StreamNumber, bytes: Uint8Array): void {
    const { maxBytes } = this.#options.rotation
    const { size } = this.#files[stream]
    if (maxBytes > 0 && size > 0 && size + bytes.length > maxBytes) this.#rotate(stream)
    const file = this.#files[stream]
    this.#lastAppendMs = Date.now()
    const before = file.size
    try {
      file.append(bytes)
    } finally {
      this.#written[stream] += file.size - before
    }
  }

  /** A line of ours in both files. It is remembered first, so that no crash makes it output of the container; and with it what is known from here on. */
  mark (text: string, known: Pick<LogRecord, 'anchor' | 'engine'>): void {
    const bytes = Buffer.from(`\n[slipway] ${new Date().toISOString()} ${text}\n`)
    const marked = (stream: StreamNumber): StreamRecord => {
      const record = this.#record[nameOf[stream]]
      const { size } = this.#files[stream]
      return { ...record, foreign: foreignIn(record, size), mark: { at: record.start + size, bytes: bytes.length } }
    }
    this.#save({ ...this.#record, ...known, stdout: marked(1), stderr: marked(2) })
    for (const stream of both) this.#files[stream].append(bytes)
  }

  /** From here a later reader of the engine's log may count. */
  keep (anchor: Anchor | undefined): void {
    if (anchor !== this.#record.anchor) this.#save({ ...this.#record, anchor })
  }

  /** Nothing comes any more. */
  complete (): void { this.#save({ ...this.#record, isComplete: true }) }

  /** What the pipe is laid to. */
  keepRun (engine: KnownRun): void {
    if (!isSameKnowledge(this.#record.engine, engine)) this.#save({ ...this.#record, engine })
  }

  [Symbol.dispose] (): void {
    for (const stream of both) this.#files[stream][Symbol.dispose]()
  }

  /** Of a mark that was broken off, what comes next is no part. */
  #settleMarks (): void {
    const settled = (stream: StreamNumber): StreamRecord => {
      const { mark, ...record } = this.#record[nameOf[stream]]
      const { size } = this.#files[stream]
      const isPart = mark !== undefined && record.start + size < mark.at + mark.bytes
      return isPart ? { ...record, foreign: foreignIn({ ...record, mark }, size) } : { ...record, mark }
    }
    const [stdout, stderr] = [settled(1), settled(2)]
    const { stdout: { mark: before }, stderr: { mark: beforeToo } } = this.#record
    if (stdout.mark !== before || stderr.mark !== beforeToo) this.#save({ ...this.#record, stdout, stderr })
  }

  #open (stream: StreamNumber): LogFile {
    const { path } = this.#options[nameOf[stream]]
    const record = this.#record[nameOf[stream]]
    const spare = this.#spareOf(stream)
    if (isThere(spare, record)) putInPlace(path, spare, record, this.#options.rotation)
    return openLogFile({ ...record, path: isThere(spare, record) ? spare : path })
  }

  #rotate (stream: StreamNumber): void {
    const { rotation, onRotated } = this.#options
    const name = nameOf[stream]
    const { path } = this.#options[name]
    const old = this.#files[stream]
    const spare = this.#spareOf(stream)
    const file = attempt(path, () => makeSpare(spare, old))
    try {
      const next = successor(this.#record[name], old, file, rotation)
      this.#save({ ...this.#record, [name]: next })
      putInPlace(path, spare, next, rotation)
    } catch (error) {
      file[Symbol.dispose]()
      throw error
    }
    this.#files[stream] = file
    old[Symbol.dispose]()
    onRotated?.(this.#record)
  }

  #spareOf (stream: StreamNumber): string { return `${this.#options.record}.${nameOf[stream]}` }

  #save (record: LogRecord): void {
    const { record: path } = this.#options
    attempt(path, () => {
      writeFileSync(`${path}.new`, JSON.stringify(record), { mode: 0o600 })
      renameSync(`${path}.new`, path)
    })
    this.#record = record
  }
}

function firstFile ({ device, inode }: KnownFile): StreamRecord {
  return { device, inode, start: 0, foreign: 0, older: [] }
}

function readRecord (path: string): LogRecord | undefined {
  if (statSync(path, { throwIfNoEntry: false }) === undefined) return undefined
  return attempt(path, () => parseLogRecord(readFileSync(path, 'utf8')))
}

/** When there is nothing more to remember. */
export function forgetRecord (path: string): void {
  for (const suffix of ['', '.new', '.stdout', '.stderr']) rmSync(`${path}${suffix}`, { force: true })
}
