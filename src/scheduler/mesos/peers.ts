import type { Log } from '../../base/log.ts'
import type { Connection } from '../../door/libprocess/link.ts'
import { chain } from '../../model/errors.ts'
import type { Leader } from '../../detection/detector.ts'

export interface PeersOptions {
  readonly leader: () => Leader | undefined
  /** A master speaks from the address that it is known by, and from no other. */
  readonly requirePeerAddress: boolean
  /** The far end of this connection is a process of a task of ours. */
  readonly isOfTask: (connection: Connection) => Promise<boolean>
  readonly log: Log
}

/** Whether messages that say to be a master's are taken from a connection. */
export class Peers {
  readonly #options: PeersOptions

  constructor (options: PeersOptions) { this.#options = options }

  /** From another machine at once; from this one, where tasks on host networking could say to be the master, after a look at whose connection it is. */
  admit (connection: Connection): true | undefined | Promise<true | undefined> {
    const { leader, requirePeerAddress } = this.#options
    const remoteIp = plainIp(connection.remoteIp)
    if (requirePeerAddress && remoteIp !== leader()?.ip) return undefined
    return remoteIp === plainIp(connection.localIp) || remoteIp.startsWith('127.') || remoteIp === '::1' ? this.#admitLocal(connection) : true
  }

  async #admitLocal (connection: Connection): Promise<true | undefined> {
    const { isOfTask, log } = this.#options
    try {
      if (!await isOfTask(connection)) return true
      log.warn({}, 'a task of this host says to be the master; what it says is not taken')
    } catch (error) {
      log.warn({ error: chain(error) }, 'whose connection it is that says to be the master\'s could not be found out; it is not taken')
    }
    return undefined
  }
}

/** IPv4 on a socket of both. */
function plainIp (ip: string): string {
  return ip.replace(/^::ffff:/, '')
}
