// What the npm scripts run: node setup.mjs start|test|build|bench|chaos|docs [--yes] [arguments for what it starts]
// It first does what is not yet done: packages, code generation, build, a Docker Engine. Plain Node: it runs before anything is installed.
import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build, generateCode, installPackages } from './src/setup/build.mjs'
import { Failure } from './src/setup/failure.mjs'
import { catchSignals, runForeground } from './src/setup/foreground.mjs'
import { findEngine, openEngine } from './src/setup/host-engine.mjs'
import { isRoot, missingPrograms, offerPrograms, unpackPrograms } from './src/setup/programs.mjs'

const tasks = {
  start,
  test,
  build: async () => 0,
  bench: runScript('dist/bench/main.js'),
  chaos: runScript('dist/bench/chaos/main.js'),
  docs: runScript('dist/test/support/print-docs.js'),
}

/** The agent in the foreground, after a sample task; an engine that had to be started for it ends with it. */
async function start (args, options) {
  const signals = catchSignals()
  const engine = await openEngine(options)
  try {
    const command = ['--enable-source-maps', 'src/slipway.cjs', 'start', '--docker-socket', engine.socket, ...args]
    return await runForeground(command, signals)
  } finally {
    await engine.close()
  }
}

/** All tests, or those files whose path holds one of the arguments. As root they bring an engine and a registry of their own. */
async function test (args, options) {
  if (isRoot()) await offerPrograms(missingPrograms('engine'), options)
  unpackPrograms(missingPrograms('tests'))
  const { runTests } = await import(pathToFileURL('dist/test/support/run-tests.js').href)
  return runTests(args, findEngine)
}

function runScript (path) {
  return async args => {
    if (!existsSync(path)) throw new Failure(`there is nothing to run yet: ${path} does not exist`)
    return runForeground(['--enable-source-maps', path, ...args], catchSignals())
  }
}

function checkMachine () {
  if (process.platform !== 'linux') throw new Failure(`it runs on Linux only, and this is ${process.platform}; use a virtual machine`)
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 19)) throw new Failure(`it needs Node.js 20.19 or newer, and this is ${process.versions.node}`)
}

async function main ([task, ...words]) {
  checkMachine()
  const run = Object.hasOwn(tasks, task ?? '') ? tasks[task] : undefined
  if (run === undefined) throw new Failure(`usage: node setup.mjs ${Object.keys(tasks).join('|')} [--yes] [arguments]`)
  process.chdir(dirname(fileURLToPath(import.meta.url)))
  const args = words.filter((word, index) => word !== '--yes' && !(word === '--' && index === 0))
  installPackages()
  generateCode()
  build()
  return run(args, { mayInstall: words.includes('--yes') })
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof Failure)) throw error
  console.error(`slipway: ${error.message}`)
  process.exitCode = 1
}
