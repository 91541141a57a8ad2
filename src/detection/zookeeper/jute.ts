/** The few types of ZooKeeper's wire format, jute, that reading takes: numbers are big-endian, what can be long has its length before it. */
export function int (value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

export function long (value: bigint): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64BE(value)
  return bytes
}

export function flag (value: boolean): Buffer {
  return Buffer.from([value ? 1 : 0])
}

export function bytes (value: Uint8Array): Buffer {
  return Buffer.concat([int(value.length), value])
}

export function ustring (value: string): Buffer {
  return bytes(Buffer.from(value, 'utf8'))
}

/** Reads from the front; throws a RangeError where there is less than it should be. */
export class JuteReader {
  readonly #from: Buffer
  #at = 0

  constructor (from: Buffer) { this.#from = from }

  int (): number { return this.#from.readInt32BE(this.#step(4)) }

  long (): bigint { return this.#from.readBigInt64BE(this.#step(8)) }

  /** A length of -1 is nothing. */
  bytes (): Buffer {
    const length = Math.max(0, this.int())
    const start = this.#step(length)
    return this.#from.subarray(start, start + length)
  }

  ustring (): string { return this.bytes().toString('utf8') }

  strings (): string[] {
    const count = this.int()
    const list: string[] = []
    while (list.length < count) list.push(this.ustring())
    return list
  }

  #step (length: number): number {
    const start = this.#at
    this.#at += length
    if (this.#at > this.#from.length) throw new RangeError('a packet ends too early')
    return start
  }
}
