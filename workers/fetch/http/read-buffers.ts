import type { OnReadOpts, Socket } from 'node:net'

/** Four times what Node reads at once: a quarter of the reads and writes, and all that is under way fits into the cache of a processor. */
const bufferBytes = 256 * 1024
/** Less is copied, so that the drops of a slow line do not take a buffer each. */
const leastLentBytes = 64 * 1024

/**
 * What sockets read into, used again and again: fresh memory for each read costs more than all else that is done with a large file. The parser
 * gets the bytes where they lie; whoever is done with a chunk of a body gives it back. It is used again only if that chunk is all that one read
 * had brought, since nobody else can hold a part of it then; what else was read (heads, pieces, the last of a body) is left to the garbage collector.
 */
export class ReadBuffers {
  readonly #free: Uint8Array[] = []
  /** Bytes in each buffer that is lent. */
  readonly #lent = new WeakMap<ArrayBufferLike, number>()

  /** For a socket that is about to be made, and has only this to read by. */
  onread (socket: () => Socket): OnReadOpts {
    let next: Uint8Array | undefined
    return {
      buffer: () => {
        const buffer = next ?? this.#free.pop() ?? Buffer.allocUnsafeSlow(bufferBytes)
        next = undefined
        return buffer
      },
      callback: (bytes, buffer) => {
        const read = buffer.subarray(0, bytes)
        if (bytes >= leastLentBytes) {
          this.#lent.set(buffer.buffer, bytes)
          return socket().push(read)
        }
        next = buffer
        return socket().push(Buffer.from(read))
      },
    }
  }

  giveBack (chunk: Uint8Array): void {
    if (this.#lent.get(chunk.buffer) !== chunk.byteLength) return
    this.#lent.delete(chunk.buffer)
    this.#free.push(new Uint8Array(chunk.buffer))
  }
}
