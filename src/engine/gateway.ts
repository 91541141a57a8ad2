import { isIPv4 } from 'node:net'

/** The part of a network's document that we read. */
export interface NetworkDocument { readonly IPAM?: { readonly Config?: ReadonlyArray<{ readonly Gateway?: string }> | null } }

/** The host's address on a network: the IPv4 one where there are several. */
export function gatewayIn (network: NetworkDocument | undefined): string | undefined {
  const gateways = (network?.IPAM?.Config ?? []).flatMap(({ Gateway: gateway = '' }) => gateway === '' ? [] : [gateway.replace(/\/\d+$/, '')])
  return gateways.find(isIPv4) ?? gateways[0]
}
