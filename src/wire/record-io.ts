import { wireError } from './wire-error.ts'

/** A record is its length in decimal digits, a newline, and that many bytes. */
export function encodeRecord (body: string | Uint8Array): Buffer {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  return Buffer.concat([Buffer.from(`${bytes.byteLength}\n`), bytes])
}

const defaultMaxRecordBytes = 16 * 2 ** 20
const newline = 10
const nothing = Buffer.alloc(0)

/** Cuts a stream into records, whatever the chunks. After an error it is of no more use. */
export class RecordDecoder {
  readonly #maxRecordBytes: number
  /** The digits of a length that has not ended yet. */
  #digits = ''
  /** The record under way, and how much of it is there; undefined while a length is being read. */
  #record: Buffer | undefined
  #filledBytes = 0

  constructor (maxRecordBytes: number = defaultMaxRecordBytes) {
    this.#maxRecordBytes = maxRecordBytes
  }

  /** The records that this chunk completes. */
  push (chunk: Uint8Array): Buffer[] {
    const records: Buffer[] = []
    for (let rest = chunk; rest.length > 0;) {
      rest = this.#record ? this.#readBody(this.#record, rest) : this.#readLength(rest)
      if (this.#record?.length === this.#filledBytes) {
        records.push(this.#record)
        this.#record = undefined
        this.#filledBytes = 0
      }
    }
    return records
  }

  /** To be called when the stream ends: an end inside a record is an error. */
  end (): void {
    if (this.#record || this.#digits !== '') throw wireError('stream ended inside a record', '')
  }

  #readLength (chunk: Uint8Array): Uint8Array {
    const mostDigits = String(this.#maxRecordBytes).length
    const head = Buffer.from(chunk.subarray(0, mostDigits + 1))
    const end = head.indexOf(newline)
    this.#digits += head.toString('latin1', 0, end === -1 ? head.length : end)
    if (!/^\d*$/.test(this.#digits) || (end !== -1 && this.#digits === '')) throw wireError('stream has no record length where one must be', '')
    if (this.#digits.length > mostDigits || Number(this.#digits) > this.#maxRecordBytes) {
      throw wireError(`record is longer than ${this.#maxRecordBytes} bytes`, '')
    }
    if (end === -1) return nothing
    this.#record = Buffer.allocUnsafe(Number(this.#digits))
    this.#digits = ''
    return chunk.subarray(end + 1)
  }

  #readBody (record: Buffer, chunk: Uint8Array): Uint8Array {
    const part = chunk.subarray(0, record.length - this.#filledBytes)
    record.set(part, this.#filledBytes)
    this.#filledBytes += part.length
    return chunk.subarray(part.length)
  }
}

/** The records of a stream, as they come. Leaving the loop ends the stream. */
export async function * decodeRecords (chunks: AsyncIterable<Uint8Array>, maxRecordBytes?: number): AsyncGenerator<Buffer> {
  const decoder = new RecordDecoder(maxRecordBytes)
  for await (const chunk of chunks) yield * decoder.push(chunk)
  decoder.end()
}
