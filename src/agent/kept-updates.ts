import { settlesWithin } from '../base/deadline.ts'
import { drop, put, type Checkpoint } from '../store/checkpoint.ts'
import type { UpdateRecord } from '../store/records.ts'
import { parseJson, printJson } from '../wire/json.ts'
import type { v1 } from '../wire/messages.ts'

export interface KeptUpdate { readonly frameworkId: string, readonly status: v1.TaskStatus, readonly task?: v1.Task | undefined }

/** An update goes out when it is on the disk, or when the disk has had this long: its uuid is the same if it must be made again. */
const patienceMs = 5_000

/** More than that of data is not worth writing down for the case that it has to be told again after a crash. */
const maxDataBytes = 64 << 10

/** Writes status updates down until they are acknowledged. */
export class KeptUpdates {
  readonly #checkpoint: Checkpoint
  #number = 0

  constructor (checkpoint: Checkpoint) { this.#checkpoint = checkpoint }

  /** Back when it may be told. */
  async keep ({ frameworkId, status, task }: KeptUpdate): Promise<void> {
    const { data, ...rest } = status
    const kept = data !== undefined && data.length > maxDataBytes ? rest : status
    const record: UpdateRecord = {
      frameworkId, number: this.#number++, status: printJson('v1.TaskStatus', kept), ...(task !== undefined && { task: printJson('v1.Task', task) }),
    }
    await settlesWithin(this.#checkpoint.commit(put('update', keyOf(status), record)), patienceMs)
  }

  /** It is acknowledged, or nobody wants to hear it any more. */
  forget ({ status }: KeptUpdate): void {
    this.#checkpoint.commit(drop('update', keyOf(status))).catch(() => {})
  }

  /** Those of an earlier run, in the order in which they were made. */
  restore (records: ReadonlyMap<string, UpdateRecord>): KeptUpdate[] {
    const inOrder = [...records.values()].sort((a, b) => a.number - b.number)
    this.#number = (inOrder.at(-1)?.number ?? -1) + 1
    return inOrder.map(({ frameworkId, status, task }) => ({
      frameworkId, status: parseJson('v1.TaskStatus', JSON.parse(status)), ...(task !== undefined && { task: parseJson('v1.Task', JSON.parse(task)) }),
    }))
  }
}

function keyOf ({ uuid = new Uint8Array() }: v1.TaskStatus): string {
  return Buffer.from(uuid).toString('hex')
}
