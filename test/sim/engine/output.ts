import type { Container, Logged } from './container.ts'
import type { Outlet } from './outlet.ts'

/** The simulated log driver forgets what is older than this many writes, of 32 KB at most. */
const maxLogWrites = 1000

/** Gives output to all who are attached and waits until each of them has room. */
export async function writeOutput (container: Container, stream: 1 | 2, data: Buffer): Promise<void> {
  container.log.push({ stream, ms: Date.now(), data })
  if (container.log.length > maxLogWrites) container.log.shift()
  const bytes = framed(container, stream, data)
  await Promise.all([...container.attached].map(outlet => outlet.write(bytes)))
}

/** Multiplexed as the engine does it: stream, three zeros, length, bytes. With a terminal there is one stream and no header. */
function framed ({ body }: Container, stream: 1 | 2, data: Buffer): Buffer {
  if (body.Tty === true) return data
  const header = Buffer.alloc(8)
  header.writeUInt8(stream, 0)
  header.writeUInt32BE(data.length, 4)
  return Buffer.concat([header, data])
}

function splitLines (data: Buffer): Buffer[] {
  const lines: Buffer[] = []
  for (let from = 0; from < data.length;) {
    const newline = data.indexOf(0x0a, from)
    const to = newline === -1 ? data.length : newline + 1
    lines.push(data.subarray(from, to))
    from = to
  }
  return lines
}

export interface LogQuery {
  readonly streams: readonly number[]
  readonly follow: boolean
  readonly timestamps: boolean
  readonly tail: number
  readonly sinceMs: number
}

export async function tellLogs (container: Container, outlet: Outlet, query: LogQuery): Promise<void> {
  const written = container.log.filter(({ stream, ms }) => query.streams.includes(stream) && ms >= query.sinceMs)
  const wanted = written.flatMap(part => splitLines(part.data).map(data => ({ ...part, data })))
  for (const line of query.tail === 0 ? [] : wanted.slice(-query.tail)) {
    await outlet.write(framed(container, line.stream, stamped(line, query)))
  }
  if (query.follow && container.state === 'running') await attach(container, outlet)
}

function stamped ({ ms, data }: Logged, { timestamps }: LogQuery): Buffer {
  return timestamps ? Buffer.concat([Buffer.from(`${new Date(ms).toISOString()} `), data]) : data
}

/** From the next byte on, until the program ends or the client goes. Removal before the start does not end it, as in the real one. */
export async function attach (container: Container, outlet: Outlet): Promise<void> {
  container.attached.add(outlet)
  await outlet.closed()
  container.attached.delete(outlet)
}
