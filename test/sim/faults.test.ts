import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { eventually } from '../support/eventually.ts'
import { startFaultGround, type FaultGround } from '../support/fault-ground.ts'
import type { CallName } from './engine/call-names.ts'
import type { FaultKind, FaultOptions } from './engine/faults.ts'

/** What may happen to a call, with the words it is told in. */
interface Way { readonly how: FaultKind, readonly told: string, readonly options?: FaultOptions }

const ways = {
  refuse: { how: 'refuse', told: 'refuses' },
  refuseAfter: { how: 'refuse', told: 'refuses it although it did it', options: { when: 'after' } },
  hang: { how: 'hang', told: 'hangs' },
  hangAfter: { how: 'hang', told: 'does it and does not answer', options: { when: 'after' } },
  dropBefore: { how: 'drop', told: 'drops the connection before it did it', options: { when: 'before' } },
  dropAfter: { how: 'drop', told: 'drops the connection when it has done it', options: { when: 'after' } },
  late: { how: 'late', told: 'answers late', options: { ms: 150 } },
  // Deadline, two seconds in which the undo waits for it, and then some.
  tooLate: { how: 'late', told: 'does it when the undo has finished', options: { ms: 3_000 } },
} satisfies Record<string, Way>

type WayName = keyof typeof ways

/** How a launch ends whose call meets such an engine: the code, and the message's end; undefined: well. */
type Ends = Readonly<Record<WayName, readonly [code: string, message: RegExp] | undefined>>

interface Row { readonly call: CallName, readonly stage: string, readonly ends: Ends, readonly ways?: readonly WayName[] }

function usualEnds (call: string, timeout: readonly [string, RegExp], refused: readonly [string, RegExp]): Ends {
  const dropped = ['ENGINE_DOWN', new RegExp(`the engine did not answer ${call} \\(.+\\)$`)] as const
  return {
    refuse: refused, refuseAfter: refused, hang: timeout, hangAfter: timeout,
    dropBefore: dropped, dropAfter: dropped, late: undefined, tooLate: timeout,
  }
}

const told = /the simulated engine was told to refuse$/
const took = (seconds: number): readonly [string, RegExp] => ['STAGE_TIMEOUT', new RegExp(`took over ${seconds} s$`)]
/** What the engine is only asked for cannot be done unheard, and has no undo that could be early. */
const reading: readonly WayName[] = ['refuse', 'hang', 'dropBefore', 'dropAfter', 'late']

const rows: readonly Row[] = [
  {
    call: 'inspectImage', stage: 'pull', ways: reading,
    ends: {
      ...usualEnds('image inspect', ['LAUNCH_TIMEOUT', /the launch took over 1.5 s$/], ['ENGINE_REFUSED', told]),
      dropBefore: undefined, dropAfter: undefined,         // it is asked again
    },
  },
  { call: 'pull', stage: 'pull', ways: reading, ends: usualEnds('pull', ['STAGE_STALLED', /no progress for 1 s$/], ['PULL_FAILED', told]) },
  { call: 'create', stage: 'create', ends: usualEnds('create', took(0.4), ['ENGINE_REFUSED', told]) },
  { call: 'attach', stage: 'attach', ways: [...reading, 'refuseAfter', 'hangAfter'], ends: usualEnds('attach', took(1), ['ENGINE_REFUSED', told]) },
  { call: 'start', stage: 'start', ends: usualEnds('start', took(0.4), ['ENGINE_REFUSED', told]) },
]

let ground: FaultGround

before(async () => { ground = await startFaultGround({ launchTimeout: '1500ms' }) })
after(async () => { await ground[Symbol.asyncDispose]() })

for (const { call, stage, ends, ways: names = Object.keys(ways) as WayName[] } of rows) {
  for (const name of names) {
    const { how, told: words, options }: Way = ways[name]
    const end = ends[name]
    test(`a launch whose ${call} meets an engine that ${words} ${end ? `fails at ${stage} and leaves nothing` : 'succeeds'}`, async () => {
      const { engine, framework } = ground
      const image = call === 'pull' ? `registry.test/${name.toLowerCase()}:3` : 'busybox:latest'
      await engine.addRemoteImage(image)
      await engine.forgetCalls()
      const failuresBefore = end ? await ground.failures(stage, end[0]) : 0
      await engine.fault(call, how, { ...options, times: 1 })
      const { state, reason, message = '', labels } = await framework.run({ shell: 'echo hi', image })
      if (end === undefined) assert.equal(state, 'TASK_FINISHED', message)
      else {
        const [code, cause] = end
        assert.deepEqual([state, reason], ['TASK_FAILED', 'REASON_CONTAINER_LAUNCH_FAILED'])
        assert.match(message, new RegExp(`^Failed to launch container: ${stage} failed: `))
        assert.match(message, cause)
        assert.deepEqual(labels?.labels, [{ key: 'slipway.error_code', value: code }, { key: 'slipway.stage', value: stage }])
        assert.equal(await ground.failures(stage, code), failuresBefore + 1)
        await undoneTwice(stage)
        if (name === 'tooLate') await arrivedLate(call)
      }
      await ground.recover()
    })
  }
}

/** The undo and the confirmation both remove by name; the second finds nothing and is as good. */
async function undoneTwice (stage: string): Promise<void> {
  const removals = (await ground.engine.calls()).filter(({ call }) => call === 'remove')
  assert.ok(stage === 'pull' ? removals.length === 0 : removals.length >= 2, `${removals.length} removals`)
  for (const { status } of removals) assert.ok(status === 204 || status === 404, `a removal was answered ${status}`)
}

/** The call that was too late has had its effect now; a container that came to be by it is swept away. */
async function arrivedLate (call: CallName): Promise<void> {
  await eventually(async () => (await ground.engine.calls()).some(one => one.call === call && one.status !== undefined))
  if (call === 'create') await eventually(async () => await ground.agent.metric('slipway_swept_containers_total') === 1)
}
