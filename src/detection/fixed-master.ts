import { lookup as systemLookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { backoff } from '../base/backoff.ts'
import { delay, race, startDeadline } from '../base/deadline.ts'
import { AgentError } from '../model/errors.ts'
import type { Leader, MasterDetector, LeaderListener } from './detector.ts'
import type { HostPort } from './master-address.ts'

/** The address of a host. It may never answer. */
export type Lookup = (host: string) => Promise<string>

export interface FixedMasterDeps { readonly lookup?: Lookup }

const lookupTimeoutMs = 30_000

/** A master that has no others: it leads, whether it answers or not. Its name is resolved once. */
export function followFixedMaster ({ host, port }: HostPort, { lookup = resolveHost }: FixedMasterDeps): MasterDetector {
  const life = new AbortController()
  return {
    follow (told) {
      resolveUntilFound({ host, port }, { lookup, told, signal: life.signal }).catch(() => {})      // it ends with the signal alone
    },
    async close () { life.abort(new Error('the detector is closed')) },
  }
}

interface Finding { readonly lookup: Lookup, readonly told: LeaderListener, readonly signal: AbortSignal }

async function resolveUntilFound ({ host, port }: HostPort, { lookup, told, signal }: Finding): Promise<void> {
  for (const waitMs of backoff(500, 30_000)) {
    try {
      const ip = await lookupInTime(host, isIP(host) > 0 ? asItIs : lookup, signal)
      if (!signal.aborted) told(leaderAt(ip, port, host))
      return
    } catch (error) {
      if (signal.aborted) return
      told(undefined, new AgentError('MASTER_NOT_FOUND', `the name ${host} of the master cannot be resolved`, {}, error))
    }
    await delay(waitMs, signal)
  }
}

async function lookupInTime (host: string, lookup: Lookup, signal: AbortSignal): Promise<string> {
  using deadline = startDeadline(signal, lookupTimeoutMs, () => new Error(`no answer within ${lookupTimeoutMs / 1000} s`))
  return await race(lookup(host), deadline.signal)
}

async function asItIs (ip: string): Promise<string> {
  return ip
}

/** Over IPv4, as masters have it; /etc/hosts counts. */
export async function resolveHost (host: string): Promise<string> {
  return (await systemLookup(host, { family: 4 })).address
}

export function leaderAt (ip: string, port: number, hostname?: string): Leader {
  return { ip, port, pid: `master@${ip.includes(':') ? `[${ip}]` : ip}:${port}`, ...hostname !== undefined && { hostname } }
}
