import { isIPv4 } from 'node:net'
import type { Solo } from './solo.ts'
import type { v1 } from '../../wire/messages.ts'

/** The version of the API that is spoken; clients decide by it what they may ask. */
const apiVersion = '1.11.0'

export function masterInfo ({ masterId, hostname, address }: Solo): v1.MasterInfo {
  const { ip, port } = address()
  return {
    id: masterId,
    ip: packIp(ip),
    port,
    pid: `master@${ip}:${String(port)}`,
    hostname,
    version: apiVersion,
    address: { hostname, ip, port },
    capabilities: [{ type: 'AGENT_UPDATE' }, { type: 'AGENT_DRAINING' }],
  }
}

/** The four bytes in network order, read as a little-endian number; 0 for IPv6, which this old field cannot hold. */
function packIp (ip: string): number {
  if (!isIPv4(ip)) return 0
  return Buffer.from(ip.split('.').map(Number)).readUInt32LE()
}
