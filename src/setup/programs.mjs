import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { fileURLToPath } from 'node:url'
import { say } from './failure.mjs'

/** What is needed, a program, a library or a jar, and the Debian package that has it. */
const packages = {
  engine: { dockerd: 'docker.io', containerd: 'containerd', runc: 'runc', iptables: 'iptables', ip: 'iproute2', busybox: 'busybox-static' },
  tests: {
    xz: 'xz-utils', bzip2: 'bzip2', zstd: 'zstd', 'pure-ftpd': 'pure-ftpd',
    'docker-registry': 'docker-registry', prometheus: 'prometheus', promtool: 'prometheus',
    java: 'openjdk-17-jre-headless', 'zookeeper.jar': 'libzookeeper-java', 'zookeeper-jute.jar': 'libzookeeper-java',
    'metrics-core.jar': 'libdropwizard-metrics-java', 'snappy-java.jar': 'libsnappy-java', 'slf4j-simple.jar': 'libslf4j-java',
    gsasl: 'gsasl', 'libgsasl.so.18': 'libgsasl18', 'libntlm.so.0': 'libntlm0', 'libgssglue.so.1': 'libgssglue1', 'libidn.so.12': 'libidn12',
  },
}

/** Where libraries are. */
const machine = { x64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' }[process.arch]

const downloadTimeoutMs = 120_000
const unpacked = fileURLToPath(new URL('../../node_modules/.cache/slipway-programs', import.meta.url))
const systemFolders = ['/usr/local/sbin', '/usr/sbin', '/sbin']

// Not every root shell has them in its PATH, and the programs call one another.
process.env.PATH = [process.env.PATH, ...systemFolders, join(unpacked, 'usr/bin'), join(unpacked, 'usr/sbin')].join(delimiter)
addJava()

export function isRoot () {
  return process.getuid() === 0
}

/** The package of Java leaves it to an installation to put it among the programs. */
function addJava () {
  const home = join(unpacked, 'usr/lib/jvm')
  if (isInstalled('java') || !existsSync(home)) return
  process.env.PATH = [process.env.PATH, ...readdirSync(home).map(name => join(home, name, 'bin'))].join(delimiter)
}

/** The Debian packages of programs that this machine does not have. */
export function missingPrograms (purpose) {
  const names = Object.entries(packages[purpose]).filter(([file]) => !isUsable(file)).map(([, name]) => name)
  return [...new Set(names)]
}

/** Installs them where that can be done and is wished; answers whether all are there now. */
export async function offerPrograms (names, { mayInstall }) {
  if (names.length === 0) return true
  if (!isRoot() || !isDebian()) return false
  if (!mayInstall && process.stdin.isTTY && !await isWished(names)) return false
  say(`installing ${names.join(', ')} with apt-get`)
  return aptGet('update') && aptGet('install', '--yes', '--no-install-recommends', ...names)
}

/**
 * Unpacks the packages into a folder of the project, on its PATH: to install them would start services on ports of the host. Takes no root. What
 * cannot be had is said, and its tests are skipped.
 */
export function unpackPrograms (names) {
  if (names.length === 0) return
  if (!isDebian()) return say(`${names.join(', ')} cannot be had without apt-get: the tests that need them are skipped`)
  say(`unpacking ${names.join(', ')} into node_modules/.cache`)
  for (const name of names) if (!unpack(name)) say(`${name} cannot be had: the tests that need it are skipped`)
  addJava()
}

function unpack (name) {
  mkdirSync(unpacked, { recursive: true })
  const folder = mkdtempSync(join(unpacked, 'download-'))
  try {
    if (!download(name, folder) && !(isRoot() && aptGet('update') && download(name, folder))) return false
    const [file] = readdirSync(folder).filter(path => path.endsWith('.deb'))
    return spawnSync('dpkg-deb', ['--extract', join(folder, file), unpacked], { stdio: ['ignore', 'ignore', 'inherit'] }).status === 0
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** apt-get puts it into the folder it is run in. As root it would warn that its own user cannot write there. */
function download (name, folder) {
  const options = { cwd: folder, stdio: 'ignore', timeout: downloadTimeoutMs }
  return spawnSync('apt-get', ['--quiet=2', '--option', 'APT::Sandbox::User=root', 'download', name], options).status === 0
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
  const folder = program.endsWith('.jar') ? 'share/java' : program.includes('.so.') ? `lib/${machine}` : undefined
  if (folder !== undefined) return ['/usr', join(unpacked, 'usr')].some(root => existsSync(join(root, folder, program)))
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
