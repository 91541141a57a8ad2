import type { Container } from '../../containerizer/container.ts'
import type { Family } from './check.ts'

/** Where a check connects to: from here, or from within the container's network. */
export interface Way { readonly host: string, readonly isInside: boolean }

const loopback: Readonly<Record<Family, string>> = { IPv4: '127.0.0.1', IPv6: '::1' }
/** Addresses that stand for no other than loopback, or for all. */
const noAddressOfItsOwn = /^(127\.|0\.0\.0\.0$|::1?$)/

/**
 * What may lead to a container's service, the cheapest first. undefined: not known, as nobody has seen the container yet.
 * `hostIp`: the agent's own address, where services on host networking may listen.
 */
export function waysTo ({ spec, inspected }: Pick<Container, 'spec' | 'inspected'>, family: Family, hostIp: string): Way[] | undefined {
  const here = { host: loopback[family], isInside: false }
  const inside = { host: loopback[family], isInside: true }
  if (spec.network === 'host') {
    const hasOwn = family === 'IPv4' && !noAddressOfItsOwn.test(hostIp) && !hostIp.includes(':')
    return [here, ...hasOwn ? [{ host: hostIp, isInside: false }] : []]
  }
  if (inspected === undefined) return undefined
  const address = family === 'IPv4' ? inspected.ipAddress : undefined
  return [...address === undefined ? [] : [{ host: address, isInside: false }], inside]
}
