import { readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** dist/ */
const root = fileURLToPath(new URL('../../', import.meta.url))

/** A file as a whole may take this long, lint on a slow machine included. */
const fileTimeoutMs = 240_000

/**
 * The arguments of the one node that runs the files: those whose path holds one of the words; words with a
 * dash are for node itself. undefined: there is none.
 */
export function testCommand (words: readonly string[]): string[] | undefined {
  const options = words.filter(word => word.startsWith('-'))
  const wanted = words.filter(word => !word.startsWith('-'))
  const files = testFiles().filter(file => wanted.length === 0 || wanted.some(word => file.includes(word)))
  if (files.length === 0) return undefined
  const always = ['--enable-source-maps', '--test', '--test-reporter=spec', `--test-timeout=${fileTimeoutMs}`]
  return [...always, ...options, ...files.map(file => join(root, file))]
}

function testFiles (): string[] {
  const entries = readdirSync(join(root, 'test'), { recursive: true, withFileTypes: true })
  const paths = entries.filter(entry => entry.isFile()).map(entry => relative(root, join(entry.parentPath, entry.name)))
  return paths.filter(path => path.endsWith('.test.js')).sort()
}

/** The environment of the tests: what the user's shell says about engines and agents is not for them, `ours` is, and a seed to repeat a run. */
export function testEnvironment (ours: Record<string, string | undefined>): NodeJS.ProcessEnv {
  const rest = Object.entries(process.env).filter(([name]) => !/^(DOCKER|SLIPWAY|MESOS)_/.test(name) || name === 'SLIPWAY_TEST_SEED')
  const set = Object.entries(ours).filter(([, value]) => value !== undefined)
  return Object.fromEntries([...rest, ...set])
}
