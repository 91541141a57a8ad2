import { race, startDeadline } from '../base/deadline.ts'
import { deferred } from '../base/deferred.ts'
import { silentLog } from '../base/log.ts'
import { masterDetector, type Leader } from '../detection/detector.ts'
import { readCredential } from '../model/credential.ts'
import { AgentError, messageOf } from '../model/errors.ts'
import { UsageError } from './report.ts'
import { findServer, type Server, type ServerOptions } from './server.ts'

export interface MasterOptions extends ServerOptions { readonly credential?: string }

const findMs = 20_000
const sessionTimeoutMs = 6_000

/** Where a scheduler API is: an agent of ours, a Mesos master, or, by `zk://` or `file://`, whichever master of a cluster leads. */
export function findMaster ({ credential: file, ...options }: MasterOptions, env = process.env): Server {
  const address = options.master ?? env['SLIPWAY_MASTER'] ?? ''
  const credential = file === undefined ? {} : { credential: readCredential(file) }
  if (!/^(zk|file):\/\//i.test(address)) return { ...findServer(options, env), ...credential }
  mustBeAddress(address)
  return { url: withoutPassword(address), token: undefined, leader: signal => leaderOf(address, signal), ...credential }
}

/** A fault in the address is one of the command line. */
function mustBeAddress (address: string): void {
  try {
    void masterDetector(address, { log: silentLog }).close()
  } catch (error) {
    throw new UsageError(messageOf(error))
  }
}

async function leaderOf (address: string, signal: AbortSignal): Promise<string> {
  let problem: AgentError | undefined
  using deadline = startDeadline(signal, findMs, () =>
    new AgentError('AGENT_UNREACHABLE', `${withoutPassword(address)} names no leading master within ${findMs / 1000} s`, {}, problem))
  const detector = masterDetector(address, { log: silentLog, sessionTimeoutMs })
  const found = deferred<Leader>()
  detector.follow((leader, why) => {
    problem = why
    if (leader) found.resolve(leader)
  })
  try {
    const { ip, port } = await race(found.promise, deadline.signal)
    return `http://${ip.includes(':') ? `[${ip}]` : ip}:${port}`
  } finally {
    await detector.close()
  }
}

function withoutPassword (address: string): string {
  return address.replace(/\/\/.*@/, '//')
}
