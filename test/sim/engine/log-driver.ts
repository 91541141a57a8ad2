import type { Outlet } from './outlet.ts'

/** One entry: a line, or 16 KB of a longer one. `time` has nanoseconds, as text. */
export interface Entry { readonly stream: 1 | 2, readonly time: string, readonly data: Buffer }

const partBytes = 16 * 1024
const newline = 0x0a
const entryOverhead = 27

/** The log driver `local`: entries end at a newline or after 16 KB, files are rotated by size, and the oldest one is forgotten. */
export class LogDriver {
  readonly #maxBytes: number
  readonly #maxFiles: number
  readonly #files: Array<{ entries: Entry[], bytes: number }> = [{ entries: [], bytes: 0 }]
  readonly #pending = { 1: pendingLine(), 2: pendingLine() }
  readonly #followers = new Set<{ readonly outlet: Outlet, readonly tell: (entry: Entry) => void }>()
  #lastNs = 0n

  constructor (config: Readonly<Record<string, string>> = {}) {
    this.#maxBytes = Number(config['max-size'] ?? 20 << 20)
    this.#maxFiles = Number(config['max-file'] ?? 5)
  }

  get entries (): Entry[] { return this.#files.flatMap(({ entries }) => entries) }

  write (stream: 1 | 2, data: Buffer): void {
    for (let from = 0; from < data.length;) {
      const line = this.#pending[stream]
      const end = data.indexOf(newline, from)
      const to = Math.min(end === -1 ? data.length : end + 1, from + partBytes - line.data.length)
      if (line.data.length === 0 && !line.isContinued) line.time = this.#now()
      line.data = Buffer.concat([line.data, data.subarray(from, to)])
      from = to
      const isEnded = line.data.at(-1) === newline
      if (isEnded || line.data.length === partBytes) this.#log(stream, !isEnded)
    }
  }

  /** The program has ended: what it left of a line is logged, and who follows has it all. */
  finish (): void {
    for (const stream of [1, 2] as const) if (this.#pending[stream].data.length > 0) this.#log(stream, false)
    for (const { outlet } of this.#followers) outlet.end()
    this.#followers.clear()
  }

  /** From now on, until the program ends or the client goes. */
  async follow (outlet: Outlet, tell: (entry: Entry) => void): Promise<void> {
    const follower = { outlet, tell }
    this.#followers.add(follower)
    await outlet.closed()
    this.#followers.delete(follower)
  }

  #log (stream: 1 | 2, isContinued: boolean): void {
    const line = this.#pending[stream]
    const entry = { stream, time: line.time, data: line.data }
    Object.assign(line, { data: Buffer.alloc(0), isContinued })
    let file = this.#files.at(-1)
    if (file === undefined || file.bytes >= this.#maxBytes) this.#files.push(file = { entries: [], bytes: 0 })
    if (this.#files.length > this.#maxFiles) this.#files.shift()
    file.entries.push(entry)
    file.bytes += entry.data.length + entryOverhead
    for (const { tell } of this.#followers) tell(entry)
  }

  /** No two entries have the same time, but parts of one line. */
  #now (): string {
    const ns = BigInt(Date.now()) * 1_000_000n
    this.#lastNs = ns > this.#lastNs ? ns : this.#lastNs + 1n
    return `${new Date(Number(this.#lastNs / 1_000_000n)).toISOString().slice(0, -1)}${String(this.#lastNs % 1_000_000n).padStart(6, '0')}Z`
  }
}

function pendingLine (): { time: string, data: Buffer, isContinued: boolean } {
  return { time: '', data: Buffer.alloc(0), isContinued: false }
}
