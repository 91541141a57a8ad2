import type { Log } from '../base/log.ts'
import type { AgentError } from '../model/errors.ts'
import { followFixedMaster, type Lookup } from './fixed-master.ts'
import { parseMasterAddress } from './master-address.ts'
import { followZooKeeperMaster } from './zookeeper-master.ts'

/** The master that leads. */
export interface Leader {
  readonly ip: string
  readonly port: number
  /** `master@10.0.0.1:5050` */
  readonly pid: string
  readonly hostname?: string
}

/** Without a leader: why there is none, where that is known. The same leader may be told again: then it is another process at the same address. */
export type LeaderListener = (leader: Leader | undefined, problem?: AgentError) => void

/** Who the leading master is, over the time. */
export interface MasterDetector {
  /** Once. `told` is never called from within this call, nor after `close`; it must not throw. */
  follow (told: LeaderListener): void
  close (): Promise<void>
}

export interface DetectorDeps {
  readonly log: Log
  /** How long a ZooKeeper ensemble that is lost is waited for until its leader counts as lost, too. */
  readonly sessionTimeoutMs?: number
  readonly lookup?: Lookup
}

/** `host:port`, `zk://…/path`, or `file://` a file that holds one of these. Throws SETTING_INVALID, which names --master. */
export function masterDetector (address: string, deps: DetectorDeps): MasterDetector {
  const { kind, at } = parseMasterAddress(address)
  return kind === 'zk' ? followZooKeeperMaster(at, deps) : followFixedMaster(at, deps)
}
