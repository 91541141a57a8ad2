import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { AgentError, messageOf } from '../model/errors.ts'

export interface HostPort { readonly host: string, readonly port: number }

export interface ZooKeeperAddress {
  readonly servers: readonly HostPort[]
  readonly path: string
  /** `user:password`, for the scheme digest. Never shown. */
  readonly digest?: string | undefined
}

export type MasterAddress = { readonly kind: 'fixed', readonly at: HostPort } | { readonly kind: 'zk', readonly at: ZooKeeperAddress }

const defaultMasterPort = 5050
const defaultZooKeeperPort = 2181

/** What --master says. Throws SETTING_INVALID, in words that hold no password. */
export function parseMasterAddress (written: string): MasterAddress {
  const text = written.trim()
  if (text.startsWith('zk://')) return { kind: 'zk', at: parseZooKeeper(text.slice('zk://'.length)) }
  if (text.startsWith('file://')) return parseMasterAddress(readAddress(text.slice('file://'.length)))
  return { kind: 'fixed', at: parseHostPort(text, defaultMasterPort) }
}

/** A file that holds an address, so that a password in it is in no process list. It names no further file. */
function readAddress (path: string): string {
  if (!path.startsWith('/')) throw invalid(`file://${path} is no absolute path`)
  const text = readText(path).trim()
  if (text.startsWith('file://')) throw invalid(`${path} names another file`)
  if (text === '') throw invalid(`${path} is empty`)
  return text
}

function readText (path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw invalid(`${path} cannot be read (${messageOf(error)})`)
  }
}

function parseZooKeeper (text: string): ZooKeeperAddress {
  const [, digest, servers = '', path = ''] = /^(?:(.*)@)?([^/@]*)(\/.*)?$/s.exec(text) ?? []
  if (digest !== undefined && !/^[^:]+:./.test(digest)) throw invalid('what stands before the @ of a zk:// address is user:password')
  if (!/^(\/[^/\0]+)+$/.test(path)) throw invalid('a zk:// address ends with a path, as in zk://host1:2181,host2:2181/mesos')
  return { servers: servers.split(',').map(server => parseHostPort(server.trim(), defaultZooKeeperPort)), path, digest }
}

function parseHostPort (text: string, defaultPort: number): HostPort {
  const [, v6, name, digits = String(defaultPort)] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text) ?? []
  const host = v6 ?? name ?? ''
  const port = Number(digits)
  if (port < 1 || port > 65_535) throw invalid(`${port} is no port`)
  const isHost = v6 === undefined ? /^[a-z0-9]([a-z0-9._-]*[a-z0-9.])?$/i.test(host) && !looksWrong(host) : isIP(host) === 6
  if (!isHost) throw invalid('expected host:port, zk://host:port,…/path, or file:///path')
  return { host, port }
}

/** Numbers and dots that are no IPv4 address are no name either. */
function looksWrong (host: string): boolean {
  return /^[\d.]+$/.test(host) && isIP(host) !== 4
}

function invalid (why: string): AgentError {
  return new AgentError('SETTING_INVALID', `--master: ${why}`)
}
