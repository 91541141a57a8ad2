import { endianness } from 'node:os'
import type { TcpAddress, TcpSocket } from '../../src/model/tcp-socket.ts'
import { readKernelFile } from './kernel-file.ts'
import { processFile } from './container-process.ts'

const listening = '0A'
/** What the kernel writes before an IPv4 address that an IPv6 socket has. */
const mappedPrefix = { LE: '0000000000000000FFFF0000', BE: '00000000000000000000FFFF' }[endianness()]
const anyV4 = '00000000'
const anyV6 = '0'.repeat(32)

/**
 * The inodes of the sockets that are meant, as the kernel's tables of TCP sockets tell them: of a connection one, of a listener all that may
 * take connections there. Empty: there is none, or one of them is nobody's (not accepted yet, or closed).
 */
export function inodesOf (root: string, socket: TcpSocket): string[] {
  const inodes: string[] = []
  for (const table of ['net/tcp', 'net/tcp6']) {
    for (const line of (readKernelFile(processFile(root, 'self', table)) ?? '').split('\n').slice(1)) {
      const [, local = '', remote = '', state, , , , , , inode = '0'] = line.trim().split(/\s+/)
      const isMeant = socket.remote === undefined ? state === listening && takes(local, socket.local) : is(local, socket.local) && is(remote, socket.remote)
      if (isMeant) inodes.push(inode)
    }
  }
  return inodes.includes('0') ? [] : inodes
}

function takes (field: string, { ip, port }: TcpAddress): boolean {
  return [anyV4, anyV6].some(any => field === `${any}:${hexPort(port)}`) || is(field, { ip, port })
}

/** "0100007F:13BB" is 127.0.0.1:5051, on most machines. */
function is (field: string, { ip, port }: TcpAddress): boolean {
  const address = hexAddress(ip)
  return field === `${address}:${hexPort(port)}` || field === `${mappedPrefix}${address}:${hexPort(port)}`
}

function hexAddress (ip: string): string {
  const bytes = ip.replace(/^::ffff:/, '').split('.').map(part => Number(part).toString(16).padStart(2, '0').toUpperCase())
  return (endianness() === 'LE' ? bytes.reverse() : bytes).join('')
}

function hexPort (port: number): string {
  return port.toString(16).padStart(4, '0').toUpperCase()
}
