import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { leftovers, makePlace, type EnginePlace } from './engine-place.ts'
import { exitCodeOf } from './exit-code.ts'
import { readyNamespaces } from './namespaces.ts'
import { needsPrivateEngine } from './requires.ts'
import { testEnvironment } from './test-environment.ts'
import { testGroups } from './test-groups.ts'

/**
 * Runs the test files that `words` select (all, without any; those with a dash are for node) and answers the exit code. As root
 * that happens in namespaces of the run's own, beside an engine and a registry of its own; else on the engine whose socket `findEngine` finds, if any.
 */
export async function runTests (words: readonly string[], findEngine: () => Promise<string | undefined>): Promise<number> {
  if (testGroups(words.filter(word => !word.startsWith('-'))).length === 0) {
    console.error(`No test file has ${words.join(' or ')} in its path.`)
    return 1
  }
  const command = [siblingPath('run-groups.js'), ...words]
  const { skip } = needsPrivateEngine()
  if (skip === false) return runInNamespaces(command)
  console.log(`Tests that hang or kill the engine, or need a registry, are skipped: ${skip}.`)
  const env = testEnvironment({ SLIPWAY_TEST_ENGINE: await findEngine() })
  return exitCodeOf(endWithUs(spawn(process.execPath, command, { stdio: ['ignore', 'inherit', 'inherit'], env })))
}

/** Runs node with this command beside an engine of its own; its exit code, or 1 if anything is left behind. Takes root. */
export async function runInNamespaces (command: readonly string[]): Promise<number> {
  const place = makePlace()
  const janitor = startJanitor(place)
  const run = endWithUs(startInside(place, command))
  janitor.stdin?.write(`${run.pid ?? 0}\n`)
  const code = await exitCodeOf(run)

  janitor.stdin?.end()
  await exitCodeOf(janitor)
  const left = leftovers(place)
  for (const line of left) console.error(`The run left this behind: ${line}`)
  return left.length > 0 ? 1 : code
}

function startJanitor (place: EnginePlace): ChildProcess {
  const janitor = spawn(process.execPath, [siblingPath('janitor.js')], { stdio: ['pipe', 'ignore', 'inherit'], detached: true })
  janitor.stdin.write(`${JSON.stringify(place)}\n`)
  return janitor
}

/**
 * All that the run starts lives in one process namespace: when its first process ends, the kernel ends the rest, and mounts and
 * bridges go with it.
 */
function startInside (place: EnginePlace, command: readonly string[]): ChildProcess {
  const temporary = join(place.folder, 'tmp')
  mkdirSync(temporary)
  const namespaces = ['--mount', '--net', '--pid', '--fork', '--kill-child', '--mount-proc', '--propagation', 'private']
  // The shell stays as the first process: it reaps orphans, which node would not.
  const script = `${readyNamespaces} && "$0" "$@"; exit $?`
  return spawn('unshare', [...namespaces, 'sh', '-c', script, process.execPath, siblingPath('run-inside.js'), ...command], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, TMPDIR: temporary, SLIPWAY_TEST_PLACE: JSON.stringify(place) },
  })
}

/** Whatever asks this process to end, ends the child; what remains to be done is done after its exit. */
function endWithUs (child: ChildProcess): ChildProcess {
  const end = (): void => { child.kill('SIGKILL') }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, end)
  // npm that is killed outright passes no signal on.
  const parent = process.ppid
  const watch = setInterval(() => { if (process.ppid !== parent) end() }, 1_000)
  if (process.env['npm_lifecycle_event'] === undefined) clearInterval(watch)
  child.once('exit', () => {
    clearInterval(watch)
    for (const signal of signals) process.off(signal, end)
  })
  return child
}

function siblingPath (name: string): string {
  return fileURLToPath(new URL(name, import.meta.url))
}
