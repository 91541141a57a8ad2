import type { Socket } from 'node:net'

/** More than this is no answer to what we ask: ZooKeeper's own limit for a packet is 1 MB. */
const longestPacket = 4 * 1024 * 1024

/** Takes a connection's bytes apart into packets, each with its length before it. Throws where they are none. */
export function packetCutter (onPacket: (packet: Buffer) => void): (chunk: Buffer) => void {
  let waiting: Buffer[] = []
  let size = 0
  return chunk => {
    waiting.push(chunk)
    size += chunk.length
    if (size < needed(waiting[0])) return
    let rest = Buffer.concat(waiting)
    while (rest.length >= needed(rest)) {
      const end = needed(rest)
      onPacket(rest.subarray(4, end))
      rest = rest.subarray(end)
    }
    waiting = rest.length > 0 ? [rest] : []
    size = rest.length
  }
}

/** How many bytes there must be before a packet is whole, as far as the first of them tell. */
function needed (head: Buffer | undefined): number {
  if (head === undefined || head.length < 4) return 4
  const length = head.readInt32BE(0)
  if (length < 0 || length > longestPacket) throw new RangeError(`a packet of ${length} bytes`)
  return 4 + length
}

export function sendPacket (socket: Socket, ...parts: Buffer[]): void {
  const body = Buffer.concat(parts)
  const head = Buffer.alloc(4)
  head.writeInt32BE(body.length)
  socket.write(Buffer.concat([head, body]))
}
