import type { Log } from '../base/log.ts'
import type { Checkpoint, Snapshot } from '../store/checkpoint.ts'
import type { v1 } from '../wire/messages.ts'
import { Draining } from './draining.ts'
import type { AgentTasks } from './port.ts'
import { Capacity } from './reserved/capacity.ts'
import type { TaskBook } from './task-book.ts'
import type { SpecSettings } from './task-to-spec.ts'

export interface MasterWishesOptions {
  readonly specSettings: Pick<SpecSettings, 'workDir'>
  readonly agentInfo: v1.AgentInfo
  readonly checkpoint: Checkpoint
  readonly log: Log
}

/** What a master wants of the host as a whole, beyond its tasks. */
export class MasterWishes {
  /** Its resources: reservations and persistent volumes. */
  readonly capacity: Capacity
  /** That it is emptied. */
  readonly draining: Draining

  constructor ({ specSettings, agentInfo, checkpoint, log }: MasterWishesOptions, tasks: Pick<AgentTasks, 'kill'>, book: TaskBook) {
    this.capacity = new Capacity({ workDir: specSettings.workDir ?? '', declared: agentInfo.resources ?? [], checkpoint, log })
    this.draining = new Draining({ tasks, book, checkpoint, log })
  }

  /** Takes in what an earlier run wrote down. Throws SETTING_INVALID where it does not fit this host any more. */
  restore ({ capacity, drain }: Snapshot): void {
    this.capacity.restore(capacity.get('self'))
    this.draining.restore(drain.get('self'))
  }
}
