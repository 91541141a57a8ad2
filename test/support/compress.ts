import { execFileSync } from 'node:child_process'
import { gzipSync } from 'node:zlib'

export const compressions = {
  gz: gzipSync,
  bz2: through('bzip2', '-c'),
  xz: through('xz', '-0c'),
  zst: through('zstd', '-qc'),
} as const

export type Suffix = keyof typeof compressions

function through (program: string, ...options: string[]): (bytes: Uint8Array) => Buffer {
  return bytes => execFileSync(program, options, { input: bytes, maxBuffer: 2 ** 30 })
}
