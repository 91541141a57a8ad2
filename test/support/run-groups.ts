// Runs test files, those whose path holds one of the words: node run-groups.js [WORD…] [--OPTION-OF-NODE…]
import { spawn } from 'node:child_process'
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { getPriority, setPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { exitCodeOf } from './exit-code.ts'
import type { FailedFile } from './failed-files.ts'
import { fileOf, pathOf, testGroups, type TestGroup } from './test-groups.ts'

/** A file as a whole may take this long, lint on a slow machine included. */
const fileTimeoutMs = 480_000

const leastPriority = 19

/** More than this are no accident. */
const mostFilesToRepeat = 3

const words = process.argv.slice(2)
const options = words.filter(word => word.startsWith('-'))

process.exitCode = await main(testGroups(words.filter(word => !word.startsWith('-'))))

async function main (groups: readonly TestGroup[]): Promise<number> {
  const failed = endings(await runBeside(groups))
  if (failed.size === 0) return 0
  if (failed.size > mostFilesToRepeat) return 1

  const stillFailed = endings(await run({ files: [...failed.keys()], atOnce: 1 }))
  for (const [file, ending] of failed) {
    if (!stillFailed.has(file)) console.error(`Unsteady: ${file} failed once (${ending}) and passed when it was run again, alone.`)
  }
  return stillFailed.size === 0 ? 0 : 1
}

/** All groups at once; what they print comes whole, one group after the other. */
async function runBeside ([first, ...others]: readonly TestGroup[]): Promise<FailedFile[]> {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-printed-'))
  try {
    const printed = others.map((_, i) => join(folder, `${i}`))
    const running = others.map((group, i) => run(group, openSync(printed[i] ?? '', 'w')))
    const failures = first === undefined ? [] : await run(first)
    for (const [i, later] of running.entries()) {
      failures.push(...await later)
      process.stdout.write(readFileSync(printed[i] ?? ''))
    }
    return failures
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function run ({ files, atOnce, nice = 0 }: TestGroup, output: number | 'inherit' = 'inherit'): Promise<FailedFile[]> {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-failed-'))
  try {
    const failed = join(folder, 'failed')
    const reporters = [...reporter('spec', 'stdout'), ...reporter(new URL('failed-files.js', import.meta.url).href, failed)]
    const always = ['--enable-source-maps', '--test', `--test-concurrency=${atOnce}`, `--test-timeout=${fileTimeoutMs}`, ...reporters]
    const runner = spawn(process.execPath, [...always, ...options, ...files.map(pathOf)], { stdio: ['ignore', output, output] })
    // It hands that on to all that it starts.
    if (nice > 0 && runner.pid !== undefined) setPriority(runner.pid, Math.min(leastPriority, getPriority() + nice))
    const code = await exitCodeOf(runner)
    const failures = readFileSync(failed, 'utf8').split('\n').filter(line => line !== '').map(line => JSON.parse(line) as FailedFile)
    // A runner that failed without a word has failed with all its files.
    return code !== 0 && failures.length === 0 ? files.map(file => ({ path: pathOf(file), ending: `exit code ${code} of the test runner` })) : failures
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** How each file ended, by its name. */
function endings (failures: readonly FailedFile[]): Map<string, string> {
  return new Map(failures.map(({ path, ending }) => [fileOf(path), ending ?? 'a test in it']))
}

function reporter (name: string, destination: string): string[] {
  return [`--test-reporter=${name}`, `--test-reporter-destination=${destination}`]
}
