import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openLmdb } from '../../../src/store/lmdb-file.ts'
import { checkpointFolder } from '../../../src/store/open-checkpoint.ts'
import { isTerminal } from '../../../src/agent/task-status.ts'
import type { v1 } from '../../../src/wire/messages.ts'
import { eventually } from '../../support/eventually.ts'
import type { OwnAgent } from '../../support/own-agent.ts'
import type { TestFramework } from '../../support/test-framework.ts'
import type { CrashGround } from './crash-ground.ts'
import { output, type Scenario } from './scenarios.ts'

const patience = { withinMs: 30_000, everyMs: 100 }
const allCpus = 64

/** What there was: the tasks that were asked for, and what the framework heard in each life of the agent. */
export interface Run { readonly ground: CrashGround, readonly ids: readonly string[], readonly lives: readonly TestFramework[] }

/** Goes on until every task has its end, as a framework does that has lost its agent for a while: it asks what there is, and again for what it wanted. */
export async function seeThrough ({ isToEnd }: Scenario, ids: readonly string[], lives: readonly TestFramework[]): Promise<void> {
  const last = lives.at(-1)
  for (const id of ids) {
    if (isToEnd) await last?.kill(id)
    await eventually(async () => {
      await last?.call('RECONCILE', { reconcile: { tasks: [{ task_id: { value: id } }] } })
      const status = last?.statuses.get(id)?.at(-1)
      if (status?.state === 'TASK_RUNNING' && isToEnd) await last?.kill(id)
      return status !== undefined && isTerminal(status.state)
    }, patience).catch((cause: unknown) => { throw new Error(`${id} does not end: ${storyOf(id, lives)}`, { cause }) })
  }
}

/** One truth per task, nothing left, nothing doubled. */
export async function keepsItsPromise ({ ends }: Scenario, { ground: { engine, agent, framework, executors }, ids, lives }: Run): Promise<void> {
  for (const id of ids) oneTruth(id, ends, lives)
  assert.equal(new Set(executors.launched).size, executors.launched.length, `launched by executors: ${executors.launched.join(', ')}`)
  await eventually(async () => { assert.deepEqual((await engine.containers()).map(({ name, state }) => ({ name, state })), []) }, patience)
  await eventually(async () => { assert.deepEqual(await engine.networks(), []) }, patience)
  await eventually(() => { assert.deepEqual(leftInCheckpoint(agent), []) }, patience)
  await eventually(() => { assert.ok(Math.abs(offeredCpus(framework) - allCpus) < 1e-6, `offered: ${offeredCpus(framework)} cpus`) }, patience)
  assert.equal(await agent.metric('slipway_status_updates_pending'), 0)
  await wroteOnce(agent)
}

/** A task that nobody heard of was never taken on; of every other there is one end, in however many updates it was told. */
function oneTruth (id: string, expected: RegExp, lives: readonly TestFramework[]): void {
  const updates = lives.flatMap(life => life.statuses.get(id) ?? []).filter(({ uuid }) => uuid !== undefined)
  if (updates.length === 0) return
  const all = new Map(updates.map(status => [uuidOf(status), status]))
  const ends = [...all.values()].filter(({ state }) => isTerminal(state))
  const story = storyOf(id, lives)
  assert.equal(ends.length, 1, `ends of ${id}: ${story}`)
  assert.match(meaningOf(ends[0]), expected)
  for (const update of updates) assert.equal(update.state, all.get(uuidOf(update))?.state)
  assert.ok(isTerminal([...all.values()].at(-1)?.state ?? 'TASK_STAGING'), `told something new after its end: ${story}`)
  assert.ok(ofState('TASK_STARTING', all.values()).length <= 1, `TASK_STARTING was told as something new: ${story}`)
  // What is known of a container that runs may follow, once.
  const [first, second, ...more] = ofState('TASK_RUNNING', all.values())
  const isNews = second !== undefined && (first?.data !== undefined || second.data === undefined)
  assert.ok(!isNews && more.length === 0, `TASK_RUNNING was told as something new: ${story}`)
}

function ofState (state: v1.TaskState, updates: Iterable<v1.TaskStatus>): v1.TaskStatus[] {
  return [...updates].filter(update => update.state === state)
}

function meaningOf (status: v1.TaskStatus | undefined): string {
  const code = status?.labels?.labels?.find(({ key }) => key === 'slipway.error_code')?.value
  return [status?.state, code ?? (status?.state === 'TASK_KILLED' ? undefined : status?.message)].filter(word => word !== undefined).join(' ')
}

function uuidOf ({ uuid = new Uint8Array() }: v1.TaskStatus): string {
  return Buffer.from(uuid).toString('hex')
}

function storyOf (id: string, lives: readonly TestFramework[]): string {
  const told = (status: v1.TaskStatus): string => `${status.state} ${uuidOf(status).slice(0, 4)} ${status.message ?? ''}`
  return lives.map(({ statuses }) => (statuses.get(id) ?? []).map(told).join(', ') || 'nothing').join(' | ')
}

function offeredCpus ({ offers }: TestFramework): number {
  return offers.flatMap(({ resources = [] }) => resources).filter(({ name }) => name === 'cpus').reduce((sum, { scalar }) => sum + (scalar?.value ?? 0), 0)
}

/** What nobody needs any more. */
function leftInCheckpoint ({ workDir }: OwnAgent): string[] {
  const file = openLmdb(checkpointFolder(workDir), { readOnly: true })
  try {
    return [...file.entries()].map(([key]) => key).filter(key => !/^(agent|framework)\//.test(key))
  } finally {
    void file.close()
  }
}

/** Whole, or nothing where the container was never started. */
async function wroteOnce ({ workDir }: OwnAgent): Promise<void> {
  const root = join(workDir, 'slaves')
  const paths = await readdir(root, { recursive: true }).catch(() => [])
  for (const name of ['stdout', 'stderr'] as const) {
    for (const path of paths.filter(one => one.endsWith(`/${name}`) && !one.includes('latest'))) {
      const text = await readFile(join(root, path), 'utf8')
      assert.ok(text === '' || text === output[name], `${path} holds ${JSON.stringify(text)}`)
    }
  }
}
