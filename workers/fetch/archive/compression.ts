import { closeSync, openSync, readSync } from 'node:fs'

export type Compression = 'gzip' | 'bzip2' | 'xz' | 'zstd'

const magicBytes = 6
const magics: ReadonlyArray<readonly [RegExp, Compression]> = [
  [/^1f8b/, 'gzip'],
  [/^425a68/, 'bzip2'],
  [/^fd377a585a00/, 'xz'],
  [/^(28b52ffd|5.2a4d18)/, 'zstd'],       // the second is a frame that says nothing, as parallel compressors begin with
]

/** What a file is compressed with, seen in its first bytes; undefined: with nothing that we know. */
export function compressionOf (path: string): Compression | undefined {
  const fd = openSync(path, 'r')
  try {
    const start = Buffer.alloc(magicBytes)
    return compressionIn(start.subarray(0, readSync(fd, start, 0, magicBytes, 0)))
  } finally {
    closeSync(fd)
  }
}

export function compressionIn (start: Uint8Array): Compression | undefined {
  const hex = Buffer.from(start.subarray(0, magicBytes)).toString('hex')
  return magics.find(([magic]) => magic.test(hex))?.[1]
}
