import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

export interface Need {
  /** For the options of node:test: false, or why this cannot run here. */
  readonly skip: string | false
}

/** The engine that the test run offers. Tests remove what they make there: it may be the user's own. */
export function needsEngine (): Need & { readonly socket: string } {
  const socket = process.env['SLIPWAY_TEST_ENGINE'] ?? ''
  return { socket, skip: socket === '' && 'no Docker Engine answers (SLIPWAY_TEST_ENGINE is not set)' }
}

/** A registry that the engine of `needsEngine` can push to and pull from without credentials, as host:port. */
export function needsRegistry (): Need & { readonly registry: string, readonly socket: string } {
  const engine = needsEngine()
  const registry = process.env['SLIPWAY_TEST_REGISTRY'] ?? ''
  return { ...engine, registry, skip: engine.skip || (registry === '' && 'there is no test registry (it takes root to start one)') }
}

const programs = ['dockerd', 'containerd', 'docker-registry', 'iptables', 'ip', 'unshare', 'nsenter', 'setpriv']

/** The right and the programs to start an engine of one's own, which may be killed and hung. */
export function needsPrivateEngine (): Need {
  if (process.getuid?.() !== 0) return { skip: 'it takes root to start a private Docker Engine' }
  const missing = programs.filter(program => !isInstalled(program))
  return { skip: missing.length > 0 && `a private Docker Engine needs ${missing.join(', ')}` }
}

/** Programs without which a test cannot run; setup unpacks those of the tests' own. */
export function needsPrograms (...names: string[]): Need {
  const missing = names.filter(name => !isInstalled(name))
  return { skip: missing.length > 0 && `this machine has no ${missing.join(', ')}` }
}

/** Files of packages that a test needs, by their place beside a folder of programs, as `share/java/zookeeper.jar`; and programs. */
export function needsFiles (files: readonly string[], ...names: string[]): Need {
  const missing = files.filter(file => findFile(file) === undefined)
  return missing.length > 0 ? { skip: `this machine has no ${missing.join(', ')}` } : needsPrograms(...names)
}

/** Where it is: installed, or unpacked for the tests. */
export function findFile (file: string): string | undefined {
  return (process.env['PATH'] ?? '').split(delimiter).map(folder => join(folder, '..', file)).find(path => existsSync(path))
}

function isInstalled (program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some(folder => isExecutable(join(folder, program)))
}

function isExecutable (path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
