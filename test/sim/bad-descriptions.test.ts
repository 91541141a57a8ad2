import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { silentLog, type Log } from '../../src/base/log.ts'
import { contains, quantities } from '../../src/model/resources.ts'
import { parseResources } from '../../src/model/resources-text.ts'
import { fromResources } from '../../src/scheduler/solo/wire-resources.ts'
import type { v1 } from '../../src/wire/messages.ts'
import { eventually } from '../support/eventually.ts'
import { change, changed, richTask, type Change } from '../support/mutate-description.ts'
import { nothingLeft } from '../support/open-ends.ts'
import { readRecording, recordingNames } from '../support/recordings.ts'
import { startSimEngine } from '../support/sim-engine.ts'
import { startTestAgent } from '../support/test-agent.ts'
import type { TestFramework } from '../support/test-framework.ts'

const wantedBad = 1_000
const perBatch = 50
const mostMs = 100_000
const mostBatches = 60
const patienceMs = 20_000
const mostMb = 40
const over = new Set<v1.TaskState>(['TASK_FINISHED', 'TASK_FAILED', 'TASK_KILLED', 'TASK_ERROR', 'TASK_LOST', 'TASK_DROPPED'])

test('a thousand bad descriptions: each is refused naming its field, nothing is left, and the agent launches afterwards', async t => {
  const seed = Number(process.env['SLIPWAY_TEST_SEED'] ?? Date.now() % 2 ** 31)
  t.diagnostic(`seed ${seed}`)
  const faults: string[] = []
  await using engine = await startSimEngine()
  await using agent = await startTestAgent(engine.socket, permissive, listeningLog(faults))
  const trial = new Trial(await agent.subscribe('trial'))
  for (const base of bases) await trial.judge(base, [])
  assert.equal(trial.bad, 0, 'a description that was not changed was refused')
  const before = heapMb()
  const batch = fc.array(change, { minLength: perBatch, maxLength: perBatch })
  await fc.assert(fc.asyncProperty(batch, async all => { for (const one of all) if (!trial.hasEnough()) await trial.strike(one) }), {
    numRuns: mostBatches, seed, endOnFailure: true, includeErrorInReport: true, interruptAfterTimeLimit: mostMs,
  })
  const after = heapMb()
  t.diagnostic(`${trial.bad} refused, ${trial.good} were none the worse; heap ${before.toFixed(1)} MB before, ${after.toFixed(1)} MB after`)
  assert.ok(trial.hasEnough(), `only ${trial.bad} were bad`)
  assert.deepEqual(faults, [])
  assert.ok(after - before < mostMb, `the heap grew by ${(after - before).toFixed(1)} MB`)
  await nothingLeft(engine, agent, undefined)
  await trial.allIsFree()
  assert.equal((await trial.framework.run({ shell: 'true' })).state, 'TASK_FINISHED')
})

const permissive = {
  allowNetworks: 'host,bridge,none,*', allowHostPaths: '/tmp', allowPrivileged: 'true', allowCapabilities: 'ALL', exitPollInterval: '200ms',
  resources: 'cpus:64;mem:65536;disk:10000;gpus:4;ports:[31000-32000]', dockerStopTimeout: '100ms',
}

const allResources = parseResources(permissive.resources)

/** Recorded tasks that run with what the simulated engine has, their commands short; and, as half of all, one that asks for nearly everything. */
const bases = [...recordingNames().filter(name => !/shell_false|force_pull|uris|user_network|oom/.test(name)), ...recordingNames().map(() => undefined)]
  .map(name => name === undefined ? { task_info: richTask(), statuses: [] } : readRecording(name, [
    [/"image": "[^"]*"/g, '"image": "busybox:latest"'], [/"value": ".*(sleep|id).*"/g, '"value": "true"'], ['/srv/fixture-', '/tmp/slipway-'],
  ]))
  .filter(({ statuses }) => statuses.length === 0 || statuses.at(-1)?.state === 'TASK_FINISHED')
  .map(({ task_info: info }) => info)

class Trial {
  readonly framework: TestFramework
  bad = 0
  good = 0
  #count = 0

  constructor (framework: TestFramework) { this.framework = framework }

  hasEnough (): boolean { return this.bad >= wantedBad }

  async strike (one: Change): Promise<void> {
    const { info, path } = changed(bases[one.base % bases.length]!, one)
    await this.judge(info, path)
  }

  async judge (description: Record<string, unknown>, path: readonly string[]): Promise<void> {
    const id = `t${this.#count++}`
    const { framework } = this
    await this.allIsFree()
    const offers = [...framework.offers]
    const info = { ...description, task_id: { value: id }, agent_id: offers[0]?.agent_id }
    const operations = [{ type: 'LAUNCH', launch: { task_infos: [info] } }]
    const answer = await framework.call('ACCEPT', { accept: { offer_ids: offers.map(offer => offer.id), operations, filters: { refuse_seconds: 0 } } })
    if (answer.status !== 202) {
      assert.ok(answer.status >= 400 && answer.status < 500, `${answer.status}: ${answer.text}`)
      this.#refused(answer.text, path, info)
      return
    }
    for (const offer of offers) framework.offers.splice(framework.offers.indexOf(offer), 1)
    const ended = (): v1.TaskStatus | false => framework.statuses.get(id)?.find(status => over.has(status.state)) ?? false
    const { state, reason, message = '' } = await eventually(ended, { withinMs: patienceMs, reason: `the end of ${JSON.stringify(info)}` })
    framework.statuses.delete(id)
    const isRefused = state === 'TASK_ERROR' || (state === 'TASK_FAILED' && reason === 'REASON_CONTAINER_LAUNCH_FAILED')
    if (isRefused) this.#refused(message, path, info)
    else this.good++
  }

  #refused (message: string, path: readonly string[], info: object): void {
    this.bad++
    assert.ok(namesField(message, path), `${path.join('.')} is not named in: ${message.slice(0, 500)} (${JSON.stringify(info).slice(0, 3000)})`)
  }

  async allIsFree (): Promise<void> {
    const { framework } = this
    await eventually(async () => {
      const free = quantities(framework.offers.flatMap(({ resources = [] }) => [...fromResources(resources)]))
      if (contains(free, allResources)) return
      // A rest may be too little to be offered by itself.
      const offers = framework.offers.splice(0)
      if (offers.length > 0) await framework.call('DECLINE', { decline: { offer_ids: offers.map(({ id }) => id), filters: { refuse_seconds: 0 } } })
      throw new Error(`free are ${JSON.stringify([...free])}`)
    }, { withinMs: patienceMs, everyMs: 5, reason: 'that all resources are free' })
  }
}

const saysNothing = /^(\d+|value|type|name|scalar|key)$/

/** By its path, or as Mesos words it: `CommandInfo` for command, "The memory limit must be …" for resources that are above limits. */
function namesField (message: string, path: readonly string[]): boolean {
  const flat = (text: string): string => text.toLowerCase().replace(/[^a-z]/g, '')
  const names = path.filter((name, at) => at === 0 || !saysNothing.test(name)).map(name => flat(name).replace(/s$/, ''))
  if (path[0] === 'resources') names.push('limit', 'port')
  // What cannot be fetched is named by what it was to be fetched from.
  if (path.includes('uris')) names.push('fetchfailed')
  return names.some(name => flat(message).includes(name))
}

/** Keeps what the agent thinks is its own fault. */
function listeningLog (faults: string[]): Log {
  const log: Log = { ...silentLog, error: (fields, message) => { faults.push(`${message} ${JSON.stringify(fields)}`) }, child: () => log }
  return log
}

function heapMb (): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  return process.memoryUsage().heapUsed / 2 ** 20
}
