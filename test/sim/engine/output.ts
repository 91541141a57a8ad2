import type { Container } from './container.ts'
import type { Entry } from './log-driver.ts'
import type { Outlet } from './outlet.ts'

/** Gives output to all who are attached and waits until each of them has room. */
export async function writeOutput (container: Container, stream: 1 | 2, data: Buffer): Promise<void> {
  container.log.write(stream, data)
  const bytes = framed(container, stream, data)
  await Promise.all([...container.attached].map(outlet => outlet.write(bytes)))
}

/** Multiplexed as the engine does it: stream, three zeros, length, bytes. With a terminal there is one stream and no header. */
function framed ({ body }: Container, stream: 1 | 2, data: Buffer): Buffer {
  return body.Tty === true ? data : frame(stream, data)
}

export function frame (stream: 1 | 2 | 3, data: Buffer): Buffer {
  const header = Buffer.alloc(8)
  header.writeUInt8(stream, 0)
  header.writeUInt32BE(data.length, 4)
  return Buffer.concat([header, data])
}

export interface LogQuery {
  readonly streams: readonly number[]
  readonly follow: boolean
  readonly timestamps: boolean
  readonly tail: number
  /** As in an entry; inclusive. */
  readonly since: string
}

export async function tellLogs (container: Container, outlet: Outlet, query: LogQuery): Promise<void> {
  const tell = (entry: Entry): Promise<void> => outlet.write(framed(container, entry.stream, stamped(entry, query)))
  const isWanted = ({ stream, time }: Entry): boolean => query.streams.includes(stream) && time >= query.since
  const written = container.log.entries.filter(isWanted)
  const told = query.tail === 0 ? [] : written.slice(-query.tail).map(tell)
  const following = query.follow && container.program !== undefined
  // Nothing may come between what there is and what comes.
  const followed = following ? container.log.follow(outlet, entry => { if (isWanted(entry)) void tell(entry) }) : undefined
  await Promise.all([...told, followed])
}

function stamped ({ time, data }: Entry, { timestamps }: LogQuery): Buffer {
  return timestamps ? Buffer.concat([Buffer.from(`${time} `), data]) : data
}

/** From the next byte on, until the program ends or the client goes. Removal before the start does not end it, as in the real one. */
export async function attach (container: Container, outlet: Outlet): Promise<void> {
  container.attached.add(outlet)
  await outlet.closed()
  container.attached.delete(outlet)
}
