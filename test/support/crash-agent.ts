/*  The command, whose commits to the checkpoint are told and can be its last: the environment's CRASH_PLAN names a file
 *    { round, label, nth, when }     where to die: before the nth commit of this label, or when it is on the disk and before anything follows
 *  CRASH_RECORD one to which the label of every commit is added while there is a plan,
 *  and CRASH_HOLD one that, as long as it is there, keeps the first launch from going on once it is written down.  */
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { delay } from '../../src/base/deadline.ts'
import type { Change } from '../../src/store/checkpoint.ts'
import { GroupCommit } from '../../src/store/group-commit.ts'

/** Of no commit, where only a record is wanted. */
export interface CommitPoint { readonly label: string, readonly nth: number, readonly when: 'before' | 'after' }

const { CRASH_PLAN: planFile = '', CRASH_RECORD: recordFile = '', CRASH_HOLD: holdFile = '' } = process.env
const beginning = 'container launching'
const holdMs = 20
interface Plan extends CommitPoint { readonly round: number }

const seen = new Map<string, number>()
let isHeld = false
let round = 0

const commit = GroupCommit.prototype.commit
GroupCommit.prototype.commit = async function (...changes) {
  const label = changes.map(labelOf).join(' + ')
  const isToDie = meet(label)
  if (isToDie === 'before') process.kill(process.pid, 'SIGKILL')
  await commit.apply(this, changes)
  if (isToDie === 'after') process.kill(process.pid, 'SIGKILL')
  if (label === beginning && !isHeld) await hold()
}
await import('../../src/main.ts')

async function hold (): Promise<void> {
  isHeld = true
  while (existsSync(holdFile)) await delay(holdMs)
  isHeld = false
}

function meet (label: string): CommitPoint['when'] | undefined {
  const plan = readPlan()
  if (plan === undefined) return undefined
  if (plan.round !== round) seen.clear()
  round = plan.round
  appendFileSync(recordFile, `${label}\n`)
  const nth = (seen.get(label) ?? 0) + 1
  seen.set(label, nth)
  return plan.label === label && plan.nth === nth ? plan.when : undefined
}

function readPlan (): Plan | undefined {
  try {
    return JSON.parse(readFileSync(planFile, 'utf8')) as Plan
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
