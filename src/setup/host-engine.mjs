import { existsSync } from 'node:fs'
import { request } from 'node:http'
import { Failure, say } from './failure.mjs'
import { adoptPrivateEngine, startPrivateEngine } from './private-engine.mjs'
import { isDebian, isRoot, missingPrograms, offerPrograms } from './programs.mjs'

const usualSocket = '/var/run/docker.sock'
const howToName = 'Name the socket of one: DOCKER_HOST=unix:///path/to/docker.sock npm start'
const pingTimeoutMs = 5_000
const systemStartTimeoutMs = 10_000

/** An engine for the agent; `close` ends it if it was started for us. */
export async function openEngine (options) {
  const socket = await findEngine()
  if (socket !== undefined) return { socket, close: async () => {} }
  if (!isRoot()) throw new Failure(helpWithoutRoot())
  return await adoptPrivateEngine(answers) ?? await installedEngine(options)
}

/** The engine that the user has, if it answers. */
export async function findEngine () {
  const { DOCKER_HOST: host = '' } = process.env
  if (host !== '' && !host.startsWith('unix://')) say(`DOCKER_HOST=${host} is not used: only unix:// sockets are`)
  const sockets = [...(host.startsWith('unix://') ? [host.slice('unix://'.length)] : []), usualSocket]
  for (const socket of sockets) if (await answers(socket)) return socket
  return undefined
}

async function installedEngine (options) {
  const missing = missingPrograms('engine')
  if (!await offerPrograms(missing, options)) throw new Failure(helpWithRoot(missing))
  // Where systemd rules, the installation has started an engine.
  if (missing.includes('docker.io') && existsSync('/run/systemd/system') && await answersSoon(usualSocket)) {
    return { socket: usualSocket, close: async () => {} }
  }
  return startPrivateEngine(answers)
}

async function answersSoon (socket) {
  const endMs = performance.now() + systemStartTimeoutMs
  while (performance.now() < endMs) {
    if (await answers(socket)) return true
    await new Promise(resolve => setTimeout(resolve, 200))
  }
  return false
}

function answers (socketPath) {
  return new Promise(resolve => {
    const signal = AbortSignal.timeout(pingTimeoutMs)
    const ping = request({ socketPath, path: '/_ping', headers: { host: 'engine' }, signal }, response => {
      response.resume()
      resolve(response.statusCode === 200)
    })
    ping.once('error', () => { resolve(false) })
    ping.end()
  })
}

function helpWithoutRoot () {
  return [
    existsSync(usualSocket)
      ? `no Docker Engine answers on ${usualSocket}. Is it running, and are you in the group docker?`
      : 'there is no Docker Engine here.',
    howToName,
    'As root this can start an engine by itself.',
  ].join('\n')
}

function helpWithRoot (missing) {
  const how = isDebian() ? `apt-get install ${missing.join(' ')}` : 'see https://docs.docker.com/engine/install/'
  return [`no Docker Engine answers, and none can be started without ${missing.join(', ')}.`, `Install it: ${how}`, howToName].join('\n')
}
