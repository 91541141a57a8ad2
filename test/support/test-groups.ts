import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** dist/ */
const root = fileURLToPath(new URL('../../', import.meta.url))

/** Files that one node runs, so many at once. */
export interface TestGroup {
  readonly files: readonly string[]
  readonly atOnce: number
  /** Others get the processor first. */
  readonly nice?: number
}

/** Files on the engine, one after the other, are what a whole run waits for. */
const behindThem = 5

/**
 * The files whose path below dist/ holds one of the words (all, without any), in groups that run beside each other. Files on the real engine share it, hang
 * it and kill it: one at a time. Those that bring an engine of their own do not meet the others, but one such engine more is load enough.
 */
export function testGroups (words: readonly string[]): TestGroup[] {
  const files = testFiles().filter(file => words.length === 0 || words.some(word => file.includes(word)))
  const isOnEngine = (file: string): boolean => file.startsWith('test/engine/')
  const groups = [
    { files: files.filter(file => !isOnEngine(file)), atOnce: availableParallelism() + 1, nice: behindThem },      // they wait much
    { files: files.filter(file => isOnEngine(file) && !bringsEngine(file)), atOnce: 1 },
    { files: files.filter(file => isOnEngine(file) && bringsEngine(file)), atOnce: 1 },
  ]
  return groups.filter(group => group.files.length > 0)
}

function bringsEngine (file: string): boolean {
  return readFileSync(pathOf(file), 'utf8').includes('PrivateEngine')
}

export function pathOf (file: string): string {
  return join(root, file)
}

/** Node's runner names some by what was built, some by what it was built from. */
export function fileOf (path: string): string {
  return relative(root, path).replace(/^\.\.\//, '').replace(/\.ts$/, '.js')
}

function testFiles (): string[] {
  const entries = readdirSync(join(root, 'test'), { recursive: true, withFileTypes: true })
  const paths = entries.filter(entry => entry.isFile()).map(entry => fileOf(join(entry.parentPath, entry.name)))
  return paths.filter(path => path.endsWith('.test.js')).sort()
}
