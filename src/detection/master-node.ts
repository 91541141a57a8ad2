import { isIP } from 'node:net'
import { AgentError } from '../model/errors.ts'
import { parseJson, readJson } from '../wire/json.ts'
import type { v1 } from '../wire/messages.ts'
import { decodeProtobuf } from '../wire/protobuf.ts'
import type { Leader } from './detector.ts'
import { leaderAt } from './fixed-master.ts'

/** What a node says of its master, by what its name begins with: `json.info_0000000007`. Nodes without such a word are of the oldest masters. */
const readers = {
  'json.info': (data: Buffer): Leader => leaderOf(parseJson('v1.MasterInfo', readJson(data.toString('utf8')))),
  'info': (data: Buffer): Leader => leaderOf(decodeProtobuf('v1.MasterInfo', data)),
  '': (data: Buffer): Leader => leaderByPid(data.toString('utf8').trim()) ?? refuse('it is no address of a process'),
} as const

type Label = keyof typeof readers

interface MasterNode { readonly name: string, readonly label: Label, readonly sequence: number }

/** Of all who want to lead the first who came does. Other children, such as those of the masters' log, are none of them. */
export function leadingNode (names: readonly string[]): MasterNode | undefined {
  return names.flatMap(nodeOf).reduce<MasterNode | undefined>((first, node) => first && first.sequence <= node.sequence ? first : node, undefined)
}

function nodeOf (name: string): MasterNode[] {
  const [, label = '', digits] = /^(?:([a-z.]+)_)?(-?\d+)$/.exec(name) ?? []
  return digits !== undefined && Object.hasOwn(readers, label) ? [{ name, label: label as Label, sequence: Number(digits) }] : []
}

/** Throws MASTER_NOT_FOUND, with the name of the node, where it cannot be understood. */
export function readMasterNode ({ name, label }: MasterNode, data: Buffer): Leader {
  try {
    return readers[label](data)
  } catch (error) {
    throw new AgentError('MASTER_NOT_FOUND', `what the node ${name} says of the leading master cannot be understood`, {}, error)
  }
}

/** Messages go to its pid: what it advertises, where that differs from where it listens. */
function leaderOf ({ pid, ip, port, address, hostname = address?.hostname }: v1.MasterInfo): Leader {
  const byPid = pid === undefined ? undefined : leaderByPid(pid)
  if (byPid !== undefined) return { ...byPid, ...hostname !== undefined && { hostname } }
  const [host, hostPort] = [address?.ip ?? ipOf(ip), address?.port ?? port]
  if (isIP(host) === 0 || host === '0.0.0.0' || hostPort < 1 || hostPort > 65_535) return refuse('it has no address')
  return leaderAt(host, hostPort, hostname)
}

function leaderByPid (pid: string): Leader | undefined {
  const [, v6, v4, digits] = /^[\w.()-]{1,200}@(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+)):(\d{1,5})$/.exec(pid) ?? []
  const ip = v6 ?? v4 ?? ''
  const port = Number(digits)
  return isIP(ip) > 0 && ip !== '0.0.0.0' && port > 0 && port < 65_536 ? { ip, port, pid } : undefined
}

/** The four bytes of an IPv4 address in the order of the network, read as a number by a machine that has the lowest byte first. */
function ipOf (packed: number): string {
  return [0, 8, 16, 24].map(shift => (packed >>> shift) & 0xff).join('.')
}

function refuse (why: string): never {
  throw new Error(why)
}
