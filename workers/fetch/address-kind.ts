import { BlockList, isIPv6 } from 'node:net'
import type { AddressKind } from '../../src/model/transfer-options.ts'

/** Networks by kind. Where clouds answer questions about a host, its keys among them, counts as link-local, also in version 6. */
const networks: Readonly<Record<AddressKind, readonly string[]>> = {
  'link-local': ['169.254.0.0/16', 'fe80::/10', 'fd00:ec2::254/128'],
  'loopback': ['127.0.0.0/8', '0.0.0.0/8', '::1/128', '::/128'],
  'private': ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'],
}

const lists = Object.entries(networks).map(([kind, ranges]) => [kind as AddressKind, blockList(ranges)] as const)

/** Which of these kinds an address is of; undefined: none of them. */
export function kindAmong (address: string, kinds: readonly AddressKind[]): AddressKind | undefined {
  const family = isIPv6(address) ? 'ipv6' : 'ipv4'
  return lists.find(([kind, list]) => kinds.includes(kind) && list.check(address, family))?.[0]
}

function blockList (ranges: readonly string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [network = '', bits] = range.split('/')
    list.addSubnet(network, Number(bits), isIPv6(network) ? 'ipv6' : 'ipv4')
  }
  return list
}
