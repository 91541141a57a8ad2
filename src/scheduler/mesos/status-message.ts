import type { Message } from '../../door/libprocess/frame.ts'
import { upidText, type Upid } from '../../door/libprocess/upid.ts'
import type { v1 } from '../../wire/messages.ts'
import { message } from './messages.ts'

/** What a master cannot do without: an update without its uuid, or without the pid that is to be answered, ends a master's program. */
export function statusUpdate (frameworkId: string, status: v1.TaskStatus, { latest, self }: { latest: v1.TaskState | undefined, self: Upid }): Message {
  return message('internal.StatusUpdateMessage', {
    update: {
      framework_id: { value: frameworkId }, executor_id: status.executor_id, slave_id: status.agent_id, status,
      timestamp: status.timestamp ?? Date.now() / 1000, uuid: status.uuid, latest_state: latest ?? status.state,
    },
    pid: upidText(self),
  })
}
