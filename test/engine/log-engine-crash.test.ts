import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { delay } from '../../src/base/deadline.ts'
import { sandboxOf } from '../support/agent-places.ts'
import { eventually } from '../support/eventually.ts'
import { ensureBusybox } from '../support/images.ts'
import { startPrivateEngine } from '../support/private-engine.ts'
import { needsEngine } from '../support/requires.ts'
import { startTestAgent } from '../support/test-agent.ts'

const { skip } = needsEngine()
const lines = 1500
const numbered = `i=0; while [ $i -lt ${lines} ]; do echo number $i; echo error $i >&2; i=$((i+1)); sleep 0.004; done`
const lostHere = /\n\[slipway\] \S+ the engine was lost here: output may be missing\n/

/** The numbers that a log has, in its order; what lies between the whole lines is the gap. */
function numbersIn (text: string): number[] {
  return [...text.matchAll(/^(?:number|error) (\d+)$/gm)].map(([, number]) => Number(number))
}

test('an engine that is killed twice: logs go on in order, nothing is there twice, every gap is marked', { skip, timeout: 120_000 }, async (t: TestContext) => {
  await using engine = await startPrivateEngine()
  await using agent = await startTestAgent(engine.socket)
  const framework = await agent.subscribe()
  const image = await ensureBusybox(engine.socket)
  const ids = await framework.launch(...Array.from({ length: 4 }, () => ({ image, shell: numbered })))
  for (const id of ids) await framework.until(id, 'TASK_RUNNING')
  for (let kills = 0; kills < 2; kills++) {
    await delay(1_500)
    await engine.kill9()
    await engine.startEngine()
  }
  for (const id of ids) assert.equal((await framework.end(id)).state, 'TASK_FINISHED')
  for (const id of ids) {
    for (const stream of ['stdout', 'stderr']) {
      const sandbox = sandboxOf(agent.workDir, framework.frameworkId, id)
      await eventually(async () => { assert.match(await readFile(join(sandbox, stream), 'utf8'), new RegExp(` ${lines - 1}\n$`)) }, { withinMs: 20_000 })
      const text = await readFile(join(sandbox, stream), 'utf8')
      const parts = text.split(new RegExp(lostHere, 'g'))
      assert.equal(parts.length, 3, `${stream} has ${parts.length - 1} marks`)
      const seen = numbersIn(text)
      assert.deepEqual(seen, [...new Set(seen)].sort((a, b) => a - b), `${stream}: out of order, or there twice`)
      // Within a part there is no gap.
      for (const numbers of parts.map(numbersIn)) assert.equal((numbers.at(-1) ?? 0) - (numbers[0] ?? 0) + 1, numbers.length, `${stream}: a gap without a mark`)
      t.diagnostic(`${stream}: ${lines - seen.length} of ${lines} lines died with the engine`)
    }
  }
  assert.equal(await agent.metric('slipway_log_gaps_total'), 2 * ids.length)
})
