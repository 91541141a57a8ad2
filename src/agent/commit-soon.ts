import { settlesWithin } from '../base/deadline.ts'
import type { Change, Checkpoint } from '../store/checkpoint.ts'

/** What comes behind, kills among it, waits no longer for a disk that does not answer. */
const patienceMs = 5_000

/** Back when the changes are on the disk, or when the disk has had its time: it is still at them then. Throws why they cannot be written. */
export async function commitSoon (checkpoint: Checkpoint, ...changes: Change[]): Promise<void> {
  const kept = checkpoint.commit(...changes)
  if (await settlesWithin(kept, patienceMs)) await kept
}
