import { isIP, type LookupFunction } from 'node:net'
import type { LookupAddress } from 'node:dns'
import { AgentError } from '../../src/model/errors.ts'
import type { AddressKind } from '../../src/model/transfer-options.ts'
import { kindAmong } from './address-kind.ts'

/** Throws if a host that is named by its address may not be connected to. */
export function checkAddress (host: string, denied: readonly AddressKind[]): void {
  const address = host.replace(/^\[|\]$/g, '')
  const kind = isIP(address) === 0 ? undefined : kindAmong(address, denied)
  if (kind !== undefined) throw refusal(host, kind)
}

/**
 * A look-up that leaves out addresses which may not be connected to: what counts is where a name leads at the moment of connecting, not
 * what it led to when somebody looked.
 */
export function guardedLookup (lookup: LookupFunction, denied: readonly AddressKind[]): LookupFunction {
  if (denied.length === 0) return lookup
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) {
        callback(error, [])
        return
      }
      const all = found as LookupAddress[]
      const allowed = all.filter(({ address }) => kindAmong(address, denied) === undefined)
      const [first] = allowed
      if (first === undefined) callback(refusal(hostname, kindAmong(all[0]?.address ?? '', denied) ?? 'private'), [])
      else if (options.all) callback(null, allowed)
      else callback(null, first.address, first.family)
    })
  }
}

function refusal (host: string, kind: AddressKind): AgentError {
  return new AgentError('NOT_ALLOWED', `${host} is a ${kind} address, which this agent does not fetch from (--fetch-deny-addresses, --fetch-deny-redirects)`)
}
