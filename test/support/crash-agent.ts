/*  The command, whose commits to the checkpoint are told and can be its last: the environment's CRASH_PLAN names a file
 *    { label, nth, when }     where to die: before the nth commit of this label, or when it is on the disk and before anything follows
 *  and CRASH_RECORD one to which the label of every commit is added while there is a plan.  */
import { appendFileSync, readFileSync } from 'node:fs'
import type { Change } from '../../src/store/checkpoint.ts'
import { GroupCommit } from '../../src/store/group-commit.ts'

/** Of no commit, where only a record is wanted. */
export interface CommitPoint { readonly label: string, readonly nth: number, readonly when: 'before' | 'after' }

const { CRASH_PLAN: planFile = '', CRASH_RECORD: recordFile = '' } = process.env
const seen = new Map<string, number>()

const commit = GroupCommit.prototype.commit
GroupCommit.prototype.commit = async function (...changes) {
  const isToDie = meet(changes.map(labelOf).join(' + '))
  if (isToDie === 'before') process.kill(process.pid, 'SIGKILL')
  await commit.apply(this, changes)
  if (isToDie === 'after') process.kill(process.pid, 'SIGKILL')
}
await import('../../src/main.ts')

function meet (label: string): CommitPoint['when'] | undefined {
  const plan = readPlan()
  if (plan === undefined) return undefined
  appendFileSync(recordFile, `${label}\n`)
  const nth = (seen.get(label) ?? 0) + 1
  seen.set(label, nth)
  return plan.label === label && plan.nth === nth ? plan.when : undefined
}

function readPlan (): CommitPoint | undefined {
  try {
    return JSON.parse(readFileSync(planFile, 'utf8')) as CommitPoint
  } catch {
    return undefined
  }
}

/** The same in every run. */
function labelOf (change: Change): string {
  if (change.record === undefined) return `drop ${change.family}`
  if (change.family === 'container') return `container ${change.record.phase}`
  if (change.family === 'update') return `update ${(JSON.parse(change.record.status) as { state: string }).state}`
  return change.family
}
