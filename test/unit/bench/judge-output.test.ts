import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judgeOutput, type Output, type Verdict } from '../../support/chaos/judge-output.ts'

const mark = '\n[slipway] 2026-01-02T03:04:05.678Z the engine was lost here: output may be missing\n'
const wrote = 'one two three four five '

function judge (has: string, more: Partial<Output> = {}): Verdict {
  return judgeOutput({ wrote, has, wasKilled: false, maxGaps: 1, ...more })
}

test('the soak takes output for right that is whole, or misses something where a mark is', () => {
  assert.deepEqual(judge(wrote, { maxGaps: 0 }), { gaps: 0, bytes: 24, missing: [], fault: undefined })
  assert.deepEqual(judge(`one ${mark}three four five `), { gaps: 1, bytes: 20, missing: [4], fault: undefined })
  assert.deepEqual(judge(`one two ${mark}three four five `).missing, [0])
  assert.equal(judge(`${mark}five `).fault, undefined)
  assert.equal(judge(`one ${mark}three fo`, { wasKilled: true }).fault, undefined)
  assert.equal(judge(`one ${mark}three fo\n`, { wasKilled: true }).fault, undefined)
})

test('the soak finds what is missing without a mark, there twice, in another order, or marked more often than engines died', () => {
  const faultOf = (...of: Parameters<typeof judge>): string | undefined => judge(...of).fault?.kind
  assert.equal(faultOf('one two three four '), 'lost')
  assert.equal(faultOf(`one three ${mark}four five `), 'lost')
  assert.equal(faultOf(`one ${mark}three four`), 'lost')
  assert.equal(faultOf(`one ${mark}three four five \n`), 'lost')
  assert.equal(faultOf(`one two ${mark}two three four five `), 'doubled')
  assert.equal(faultOf(`two ${mark}one `), 'lost')
  assert.equal(faultOf(`one ${mark}three ${mark}five `), 'lost')
  assert.equal(faultOf(`one ${mark}three four five `, { maxGaps: 0 }), 'lost')
})
