import { crc32, deflateRawSync } from 'node:zlib'

/** An entry as it is to stand in the archive, however wrong. */
export interface ZipEntry {
  name: string
  body?: string | Uint8Array
  /** Unix mode with the kind of file in its upper bits; none: an archive of a system without. */
  mode?: number
  /** What the headers say, if not the truth. */
  size?: number
  crc?: number
  /** General purpose bits; 1 is "encrypted". */
  flags?: number
  stored?: boolean
}

const endBytes = 22

export function zipOf (entries: readonly ZipEntry[]): Buffer {
  const locals: Buffer[] = []
  const centrals: Buffer[] = []
  let offset = 0
  for (const entry of entries) {
    const { local, central } = zipEntry(entry, offset)
    locals.push(local)
    centrals.push(central)
    offset += local.length
  }
  const directory = Buffer.concat(centrals)
  const end = Buffer.alloc(endBytes)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(entries.length, 8)
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...locals, directory, end])
}

function zipEntry (entry: ZipEntry, offset: number): { local: Buffer, central: Buffer } {
  const name = Buffer.from(entry.name)
  const content = Buffer.from((entry.body ?? '') as string)
  const packed = entry.stored ? content : deflateRawSync(content)
  const shared = Buffer.alloc(26)       // the fields that both headers have, in the same order
  shared.writeUInt16LE(20, 0)
  shared.writeUInt16LE(0x800 | (entry.flags ?? 0), 2)
  shared.writeUInt16LE(entry.stored ? 0 : 8, 4)
  shared.writeUInt16LE(0x21, 8)       // the first of January 1980
  shared.writeUInt32LE(entry.crc ?? crc32(content), 10)
  shared.writeUInt32LE(packed.length, 14)
  shared.writeUInt32LE(entry.size ?? content.length, 18)
  shared.writeUInt16LE(name.length, 22)
  const tail = Buffer.alloc(14)
  tail.writeUInt32LE(((entry.mode ?? 0) << 16) >>> 0, 6)
  tail.writeUInt32LE(offset, 10)
  const madeBy = Buffer.from([20, entry.mode === undefined ? 0 : 3])
  return {
    local: Buffer.concat([Buffer.from('PK\x03\x04'), shared, name, packed]),
    central: Buffer.concat([Buffer.from('PK\x01\x02'), madeBy, shared, tail, name]),
  }
}
