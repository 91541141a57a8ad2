import { AgentError, messageOf } from '../model/errors.ts'
import type { Snapshot } from '../store/checkpoint.ts'
import type { Unreadable } from '../store/load.ts'
import { phases, type Family, type Records } from '../store/records.ts'
import { parseJson } from '../wire/json.ts'

/** Throws what is wrong with a record; what is in none of them is read by whoever wants it, and may be missing. */
const checks: { readonly [F in Family]: (record: Records[F]) => void } = {
  container ({ phase, spec, limits }) {
    if (!phases.includes(phase)) throw new Error(`it has no phase ${phase}`)
    isObject({ spec, limits, sandbox: (spec as Partial<typeof spec> | undefined)?.sandbox })
    isText({ containerId: spec.containerId, name: spec.name, image: spec.image, hostPath: spec.sandbox.hostPath })
  },
  task ({ frameworkId, taskId, info, statuses, checkStatus, wanted = [] }) {
    isText({ frameworkId, taskId, info })
    if (!Array.isArray(statuses)) throw new Error('it has no statuses')
    parse('v1.TaskInfo', info)
    for (const status of statuses as readonly string[]) parse('v1.TaskStatus', status)
    for (const resource of wanted) parse('v1.Resource', resource)
    if (checkStatus !== undefined) parse('v1.CheckStatusInfo', checkStatus)
  },
  update ({ frameworkId, number, status }) {
    isText({ frameworkId, status })
    if (!Number.isSafeInteger(number)) throw new Error('it has no number')
    parse('v1.TaskStatus', status)
  },
  executor ({ frameworkId, tokenDigest, info }) {
    isText({ frameworkId, tokenDigest, info })
    parse('v1.ExecutorInfo', info)
  },
  framework ({ info }) {
    isText({ info })
    parse('v1.FrameworkInfo', info)
  },
  agent () {},
  capacity ({ resources }) {
    if (!Array.isArray(resources)) throw new Error('it has no resources')
    for (const resource of resources as readonly string[]) parse('v1.Resource', resource)
  },
  drain ({ config, begunAtMs }) {
    if (!Number.isFinite(begunAtMs)) throw new Error('it has no begunAtMs')
    parse('v1.DrainConfig', config)
  },
}

/**
 * The records of an earlier run that can be read, message by message: to be asked before anything goes on. What a record that is passed over told of has
 * nobody any more: its container is ended.
 */
export function readableRecords (snapshot: Snapshot, onUnreadable: Unreadable): Snapshot {
  const families = Object.entries(snapshot) as Array<[Family, ReadonlyMap<string, Records[Family]>]>
  return Object.fromEntries(families.map(([family, records]) => [family, readable(family, records, onUnreadable)])) as unknown as Snapshot
}

function readable (family: Family, records: ReadonlyMap<string, Records[Family]>, onUnreadable: Unreadable): ReadonlyMap<string, Records[Family]> {
  const check = checks[family] as (record: Records[Family]) => void
  return new Map([...records].filter(([key, record]) => {
    try {
      check(record)
      return true
    } catch (error) {
      const path = `${family}/${key}`
      onUnreadable(path, new AgentError('CHECKPOINT_DAMAGED', `the checkpoint's record ${path} cannot be read: ${messageOf(error)}`))
      return false
    }
  }))
}

function parse (message: Parameters<typeof parseJson>[0], text: string): void {
  parseJson(message, JSON.parse(text))
}

function isText (fields: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(fields)) if (typeof value !== 'string') throw new Error(`it has no ${name}`)
}

function isObject (fields: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(fields)) if (typeof value !== 'object' || value === null) throw new Error(`it has no ${name}`)
}
