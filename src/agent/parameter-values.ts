import { isIP } from 'node:net'

/** How `docker run` reads the values of its options. Each throws an Error that says what was expected. */

export function wordOf (text: string): string {
  if (text === '') throw new Error('is empty')
  return text
}

/** As Go's strconv.ParseBool. */
export function boolOf (text: string): boolean {
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text)) return true
  if (['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(text)) return false
  throw new Error('is neither true nor false')
}

export function integerOf (min: number, max: number): (text: string) => number {
  return text => {
    const value = /^-?\d{1,15}$/.test(text) ? Number(text) : NaN
    if (value >= min && value <= max) return value
    throw new Error(`is no whole number from ${min} to ${max}`)
  }
}

const unitBytes: Readonly<Record<string, number>> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 }

export function bytesOf (text: string): number {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?) ?([kmgt]?)(?:i?b)?$/i.exec(text) ?? []
  const bytes = Math.floor(Number(amount) * (unitBytes[unit.toLowerCase()] ?? NaN))
  if (Number.isSafeInteger(bytes) && bytes > 0) return bytes
  throw new Error('is no size, such as 64m or 1g')
}

/** Only the first `=` counts. */
export function pairOf (text: string): [key: string, value: string | undefined] {
  const at = text.indexOf('=')
  const [key, value] = at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
  if (key === '') throw new Error('has no name before the \'=\'')
  return [key, value]
}

export function pathOf (text: string): string {
  if (text.startsWith('/')) return text
  throw new Error('is no absolute path')
}

export function addressOf (text: string): string {
  if (isIP(text) > 0) return text
  throw new Error('is no IP address')
}

export function domainOf (text: string): string {
  if (/^[a-zA-Z0-9]([a-zA-Z0-9_-]*[a-zA-Z0-9])?(\.[a-zA-Z0-9]([a-zA-Z0-9_-]*[a-zA-Z0-9])?)*$/.test(text) && text.length <= 255) return text
  throw new Error('is no domain')
}

/** "name:address" or "name=address". */
export function extraHostOf (text: string): string {
  const [, name, address = ''] = /^([^:=\s]+)[:=]\[?([^\]]+)\]?$/.exec(text) ?? []
  if (name === undefined || (isIP(address) === 0 && address !== 'host-gateway')) throw new Error('is not of the form NAME:ADDRESS')
  return `${name}:${address}`
}

export interface Device { readonly PathOnHost: string, readonly PathInContainer: string, readonly CgroupPermissions: string }

/** "host[:container][:rwm]" */
export function deviceOf (text: string): Device {
  const [host = '', second, third, more] = text.split(':')
  const isMode = (part: string | undefined): part is string => part !== undefined && /^(?!.*(.).*\1)[rwm]{1,3}$/.test(part)
  const inContainer = second === undefined || isMode(second) ? host : second
  const mode = isMode(second) && third === undefined ? second : third ?? 'rwm'
  if (more === undefined && isMode(mode) && [host, inContainer].every(path => path.startsWith('/'))) {
    return { PathOnHost: host, PathInContainer: inContainer, CgroupPermissions: mode }
  }
  throw new Error('is not of the form HOST[:CONTAINER][:rwm] with absolute paths')
}

export interface Ulimit { readonly Name: string, readonly Hard: number, readonly Soft: number }

const ulimits = new Set([
  'core', 'cpu', 'data', 'fsize', 'locks', 'memlock', 'msgqueue', 'nice', 'nofile', 'nproc', 'rss', 'rtprio', 'rttime', 'sigpending', 'stack',
])

/** "name=soft[:hard]" */
export function ulimitOf (text: string): Ulimit {
  const [, name = '', soft, hard = soft] = /^([a-z]+)=(-1|\d{1,15})(?::(-1|\d{1,15}))?$/.exec(text) ?? []
  if (!ulimits.has(name)) throw new Error('is not of the form NAME=SOFT[:HARD]')
  return checkedUlimit({ Name: name, Hard: Number(hard), Soft: Number(soft) })
}

export function checkedUlimit (limit: Ulimit): Ulimit {
  if (limit.Hard !== -1 && (limit.Soft > limit.Hard || limit.Soft === -1)) throw new Error('has a soft limit above its hard one')
  return limit
}

/** "NET_ADMIN", "cap_net_admin" → "CAP_NET_ADMIN"; "all" → "ALL" */
export function capabilityOf (text: string): string {
  const name = text.toUpperCase()
  if (!/^[A-Z_]+$/.test(name)) throw new Error('is no capability')
  return name === 'ALL' || name.startsWith('CAP_') ? name : `CAP_${name}`
}
