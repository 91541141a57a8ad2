import type { TcpSocket } from '../../model/tcp-socket.ts'
import type { Connection } from './link.ts'

/** The other end of a connection to us, as its owner has it. */
export function farEnd ({ localIp, localPort, remoteIp, remotePort }: Connection): TcpSocket {
  return { local: { ip: remoteIp, port: remotePort }, remote: { ip: localIp, port: localPort } }
}
