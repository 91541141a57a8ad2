import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { printString } from '../../wire/print-scalar.ts'
import type { Found } from './open-beneath.ts'

/** Sixteen pages, as in Mesos: whoever wants more asks again. */
const maxReadBytes = 16 * 4096

export interface ReadRange {
  /** -1: nothing is read, the size is told. */
  readonly offset: bigint
  /** -1: to the end. */
  readonly length: bigint
}

/** `{"data":…,"offset":…}`. Bytes that are not UTF-8 stand in it as they are, so the whole is told as bytes. */
export async function readRange (found: Found, { offset, length }: ReadRange): Promise<Buffer> {
  if (offset === -1n) return answer(Buffer.alloc(0), BigInt(found.stat.size))
  return answer(await readBytes(found, { offset, length }), offset)
}

/** As much as one answer may hold; nothing from beyond the end. */
export async function readBytes (found: Found, { offset, length }: ReadRange): Promise<Buffer> {
  const { size } = found.stat
  if (offset >= size) return Buffer.alloc(0)
  const wanted = length === -1n || length > maxReadBytes ? maxReadBytes : Number(length)
  await using handle = await reopen(found)
  const buffer = Buffer.alloc(Math.min(wanted, size - Number(offset)))
  const { bytesRead } = await handle.read(buffer, 0, buffer.length, Number(offset))
  return buffer.subarray(0, bytesRead)
}

/** A byte a character, escaped, and bytes again. */
function answer (data: Buffer, offset: bigint): Buffer {
  return Buffer.from(`{"data":${printString(data.toString('latin1'))},"offset":${offset}}`, 'latin1')
}

/** The file as it was when it was found: what is added meanwhile is not told, what is taken away breaks it off. */
export async function * contentOf (found: Found): AsyncGenerator<Buffer> {
  await using handle = await reopen(found)
  const { size } = found.stat
  for (let at = 0; at < size;) {
    const buffer = Buffer.allocUnsafe(Math.min(64 * 1024, size - at))
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, at)
    if (bytesRead === 0) throw new Error('the file has become shorter while it was read')
    at += bytesRead
    yield buffer.subarray(0, bytesRead)
  }
}

/** For reading, by what is held: it is known to be a plain file. */
async function reopen ({ path }: Found): Promise<FileHandle> {
  return await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
}
