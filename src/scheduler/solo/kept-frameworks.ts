import type { Instant } from '../../base/boot-clock.ts'
import { settlesWithin } from '../../base/deadline.ts'
import { drop, put, type Checkpoint } from '../../store/checkpoint.ts'
import { printJson } from '../../wire/json.ts'
import type { Framework } from './framework.ts'

/** A disk that does not answer does not keep a framework waiting. */
const patienceMs = 5_000

/** Writes frameworks down, so that they can come back after a restart. */
export interface KeptFrameworks {
  /** Settles when it is written down, or has taken long enough. undefined: there is nothing to wait for. */
  note (framework: Framework, goneSince?: Instant): Promise<unknown> | undefined
  forget (framework: Framework): void
}

export function keptFrameworks (checkpoint: Checkpoint | undefined): KeptFrameworks {
  return {
    note ({ id, info }, goneSince) {
      if (checkpoint === undefined) return undefined
      return settlesWithin(checkpoint.commit(put('framework', id, { info: printJson('v1.FrameworkInfo', info), goneSince })), patienceMs)
    },
    forget ({ id }) {
      checkpoint?.commit(drop('framework', id)).catch(() => {})
    },
  }
}
