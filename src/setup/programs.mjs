import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { say } from './failure.mjs'

/** What is needed, and the Debian package that has it. */
const packages = {
  engine: { dockerd: 'docker.io', containerd: 'containerd', runc: 'runc', iptables: 'iptables', ip: 'iproute2', busybox: 'busybox-static' },
  tests: { 'docker-registry': 'docker-registry' },
}

const systemFolders = ['/usr/local/sbin', '/usr/sbin', '/sbin']

// Not every root shell has them in its PATH, and the programs call one another.
process.env.PATH = [process.env.PATH, ...systemFolders].join(delimiter)

export function isRoot () {
  return process.getuid() === 0
}

/** The Debian packages of programs that this machine does not have. */
export function missingPrograms (purpose) {
  return Object.entries(packages[purpose]).filter(([program]) => !isUsable(program)).map(([, name]) => name)
}

/** Installs them where that can be done and is wished; answers whether all are there now. */
export async function offerPrograms (names, { mayInstall }) {
  if (names.length === 0) return true
  if (!isRoot() || !isDebian()) return false
  if (!mayInstall && process.stdin.isTTY && !await isWished(names)) return false
  say(`installing ${names.join(', ')} with apt-get`)
  const done = aptGet('update') && aptGet('install', '--yes', '--no-install-recommends', ...names)
  // The package starts a service on port 5000; the tests bring up their own where nobody sees it.
  if (names.includes('docker-registry')) spawnSync('systemctl', ['disable', '--now', 'docker-registry'], { stdio: 'ignore' })
  return done
}

async function isWished (names) {
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  const answer = await terminal.question(`slipway: install ${names.join(', ')} with apt-get? [Y/n] `).finally(() => { terminal.close() })
  return !/^n/i.test(answer.trim())
}

function aptGet (...args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  return spawnSync('apt-get', ['--quiet=2', ...args], { stdio: ['ignore', 'ignore', 'inherit'], env }).status === 0
}

export function isDebian () {
  return existsSync('/etc/debian_version') && isInstalled('apt-get')
}

/** A busybox that is linked dynamically would find no loader in a container. */
function isUsable (program) {
  const path = pathOf(program)
  return path !== undefined && (program !== 'busybox' || !readFileSync(path).includes('/ld-linux'))
}

function isInstalled (program) {
  return pathOf(program) !== undefined
}

function pathOf (program) {
  return process.env.PATH.split(delimiter).map(folder => join(folder, program)).find(isExecutable)
}

function isExecutable (path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
