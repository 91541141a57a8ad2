import { AgentError, messageOf } from '../../model/errors.ts'
import type { Unreadable } from '../../store/load.ts'
import type { ExecutorRecord } from '../../store/records.ts'
import { parseJson } from '../../wire/json.ts'

/** The executors of an earlier run whose records can be read: to be asked before anything goes on. The tasks of others are ended. */
export function readableExecutors (records: ReadonlyMap<string, ExecutorRecord>, onUnreadable: Unreadable): Map<string, ExecutorRecord> {
  return new Map([...records].filter(([containerId, record]) => {
    const fault = faultOf(record)
    if (fault === undefined) return true
    const key = `executor/${containerId}`
    onUnreadable(key, new AgentError('CHECKPOINT_DAMAGED', `the checkpoint's record ${key} cannot be read: ${fault}`))
    return false
  }))
}

function faultOf ({ frameworkId, tokenDigest, info }: ExecutorRecord): string | undefined {
  for (const [name, value] of Object.entries({ frameworkId, tokenDigest, info })) if (typeof value !== 'string') return `it has no ${name}`
  try {
    parseJson('v1.ExecutorInfo', JSON.parse(info))
    return undefined
  } catch (error) {
    return messageOf(error)
  }
}
