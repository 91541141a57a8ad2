import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { openLocalFile } from '../local-file.ts'
import type { Compression } from './compression.ts'
import { throughProgram } from './through-program.ts'

/** No window larger than this is kept in memory: 512 MB is what `xz -9` and `zstd --ultra` want at most, eight times over. */
const memoryMiB = 512

const programs = {
  bzip2: ['bzip2', '-dc'],
  xz: ['xz', '-dc', `--memlimit-decompress=${memoryMiB}MiB`],
  zstd: ['zstd', '-dcq', `--memory=${memoryMiB}MB`],
} as const

/** A file's bytes without their compression. */
export function decompressed (path: string, compression: Compression | undefined, signal: AbortSignal): AsyncIterable<Buffer> {
  if (compression === undefined) return openLocalFile(path).chunks
  if (compression === 'gzip') return gunzipped(openLocalFile(path).chunks)
  const [program, ...options] = programs[compression]
  return throughProgram({ program, options, path }, signal)
}

function gunzipped (chunks: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  return pipeline(Readable.from(chunks), createGunzip({ chunkSize: 256 * 1024 }), () => {})       // errors come out where it is read
}
