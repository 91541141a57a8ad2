import { readFileSync } from 'node:fs'
import { promises as dns } from 'node:dns'
import type { LookupFunction } from 'node:net'

export interface Address { readonly address: string, readonly family: 4 | 6 }

/** What a name look-up goes by; a test brings its own. */
export interface NameSources {
  readonly hosts: string
  readonly resolvConf: string
  resolve (name: string, family: 4 | 6): Promise<string[]>
}

export interface HostResolver extends Disposable {
  readonly lookup: LookupFunction
}

const serverTimeoutMs = 5_000

/**
 * Looks names up with c-ares, over sockets of this thread: the system's resolver would hold a thread of libuv's pool, which is shared with
 * the checkpoint, for as long as a name server is silent.
 */
export function startResolver (): HostResolver {
  const resolver = new dns.Resolver({ timeout: serverTimeoutMs, tries: 2 })
  const resolve: NameSources['resolve'] = (name, family) => family === 4 ? resolver.resolve4(name) : resolver.resolve6(name)
  const lookup: LookupFunction = (hostname, { family, all }, callback) => {
    const sources = { hosts: textOf('/etc/hosts'), resolvConf: textOf('/etc/resolv.conf'), resolve }
    addressesOf(hostname, sources).then(found => {
      const fit = found.filter(address => !family || family === address.family || family === `IPv${address.family}`)
      const [first] = fit
      if (first === undefined) callback(new Error(`${hostname} has no fitting address`), [])
      else if (all) callback(null, fit)
      else callback(null, first.address, first.family)
    }, (error: Error) => { callback(error, []) })
  }
  return { lookup, [Symbol.dispose] () { resolver.cancel() } }
}

/** Version 4 first. Throws where there is none. */
export async function addressesOf (hostname: string, sources: NameSources): Promise<Address[]> {
  const name = hostname.toLowerCase().replace(/\.$/, '')
  const known = hostsAddresses(name, sources.hosts)
  if (known.length > 0) return known
  if (name === 'localhost' || name.endsWith('.localhost')) return [{ address: '127.0.0.1', family: 4 }, { address: '::1', family: 6 }]
  let failure: unknown
  for (const candidate of searchNames(hostname.toLowerCase(), sources.resolvConf)) {
    const [v4, v6] = await Promise.allSettled([sources.resolve(candidate, 4), sources.resolve(candidate, 6)])
    const found = [...addresses(v4, 4), ...addresses(v6, 6)]
    if (found.length > 0) return found
    failure ??= v4.status === 'rejected' ? v4.reason : undefined
  }
  const code = (failure as NodeJS.ErrnoException | undefined)?.code ?? 'ENOTFOUND'
  throw Object.assign(new Error(`the name ${hostname} cannot be resolved (${code})`), { code })
}

function addresses (answer: PromiseSettledResult<string[]>, family: 4 | 6): Address[] {
  return answer.status === 'fulfilled' ? answer.value.map(address => ({ address, family })) : []
}

/** The lines of /etc/hosts: an address, and the names that have it. */
function hostsAddresses (name: string, hosts: string): Address[] {
  const rows = hosts.split('\n').map(line => line.replace(/#.*/, '').trim().split(/\s+/))
  const found = rows.filter(([, ...names]) => names.some(known => known.toLowerCase() === name))
  const list = found.map(([address = '']): Address => ({ address, family: address.includes(':') ? 6 : 4 }))
  return list.sort((a, b) => a.family - b.family)
}

/** The names to ask for, as resolv.conf says: one with few dots below the search domains first. c-ares takes names as they are. */
function searchNames (name: string, resolvConf: string): string[] {
  if (name.endsWith('.')) return [name.slice(0, -1)]
  const lines = resolvConf.split('\n').map(line => line.trim().split(/\s+/))
  const domains = lines.findLast(([word]) => word === 'search' || word === 'domain')?.slice(1) ?? []
  const ndots = Number(/^\s*options\s.*\bndots:(\d+)/m.exec(resolvConf)?.[1] ?? 1)
  const below = domains.map(domain => `${name}.${domain.replace(/\.$/, '')}`)
  return name.split('.').length - 1 >= ndots ? [name, ...below] : [...below, name]
}

function textOf (path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''       // a host without the file has no such names
  }
}
