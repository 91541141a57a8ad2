// A Docker Engine for `npm start` on a machine where none runs. It is started only where no other answers: two in one network
// namespace take away each other's iptables rules.
import { spawn, spawnSync } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Failure, say } from './failure.mjs'
import { rememberNetwork, restoreNetwork } from './network-traces.mjs'

const state = '/run/slipway-engine'
const socket = `${state}/docker.sock`
const logFile = `${state}/dockerd.log`
const pidFile = `${state}/dockerd.pid`
const networkFile = `${state}/network-before.json`
const ownerFile = `${state}/owner.pid`
const data = '/var/lib/slipway-engine'

const startTimeoutMs = 30_000
const stopTimeoutMs = 30_000

/** One that an earlier run could not end, because it was killed. The engine of another run that is still alive is that one's to end. */
export async function adoptPrivateEngine (answers) {
  if (!existsSync(socket) || !await answers(socket)) return undefined
  if (isSetup(numberIn(ownerFile))) return { socket, close: async () => {} }
  say(`using the private Docker Engine that an earlier run left running (${socket})`)
  return own(numberIn(pidFile))
}

export async function startPrivateEngine (answers) {
  say(`no Docker Engine answers: starting a private one, its data in ${data}`)
  mkdirSync(state, { recursive: true, mode: 0o700 })
  if (!existsSync(networkFile)) rememberNetwork(networkFile)
  const child = await spawnEngine(answers, []) ?? await spawnEngine(answers, ['--iptables=false'])
  if (child === undefined) throw new Failure(`the private Docker Engine does not start; its log ends:\n${logEnd()}`)
  return own(child.pid)
}

async function spawnEngine (answers, extra) {
  writeFileSync(`${state}/dockerd.json`, '{}')
  const places = ['--data-root', data, '--exec-root', `${state}/exec`, '--pidfile', pidFile, '--host', `unix://${socket}`]
  const log = openSync(logFile, 'w')
  // In a session of its own Ctrl-C does not reach it: it ends last.
  const options = { stdio: ['ignore', log, log], detached: true }
  const child = spawn('dockerd', ['--config-file', `${state}/dockerd.json`, ...places, ...extra], options)
  closeSync(log)
  child.once('error', () => {})
  const endMs = performance.now() + startTimeoutMs
  while (performance.now() < endMs && child.pid !== undefined && isAlive(child.pid)) {
    if (await answers(socket)) return child
    await pause(100)
  }
  await end(child.pid)
  return undefined
}

function own (pid) {
  writeFileSync(ownerFile, String(process.pid))
  const close = async () => {
    await end(pid)
    restoreNetwork(networkFile)
    unmountLeftovers()
    rmSync(state, { recursive: true, force: true })
  }
  return { socket, close }
}

/** In order, which ends its containers; by force when that takes too long. */
async function end (pid) {
  for (const signal of ['SIGTERM', 'SIGKILL']) {
    if (isAlive(pid)) process.kill(pid, signal)
    const endMs = performance.now() + stopTimeoutMs
    while (isAlive(pid) && performance.now() < endMs) await pause(100)
  }
}

/** The engine leaves its own network namespace mounted, and after a kill -9 the file systems of containers too. */
function unmountLeftovers () {
  const points = textOf('/proc/self/mountinfo').split('\n').map(line => line.split(' ')[4] ?? '')
  const ours = points.filter(point => point.startsWith(`${state}/`) || point.startsWith(`${data}/`))
  for (const point of ours.reverse()) spawnSync('umount', ['--lazy', point], { stdio: 'ignore' })
}

function pause (ms) {
  return new Promise(resolve => setTimeout(resolve, ms))
}

function isAlive (pid) {
  const status = textOf(`/proc/${pid}/status`)
  return status !== '' && !/^State:\s+Z/m.test(status)
}

function isSetup (pid) {
  return isAlive(pid) && pid !== process.pid && textOf(`/proc/${pid}/cmdline`).includes('setup.mjs')
}

function numberIn (path) {
  return Number(textOf(path))
}

function logEnd () {
  return textOf(logFile).split('\n').slice(-10).join('\n')
}

/** '' where there is no such file (any more). */
function textOf (path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
