import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AgentError } from '../../../src/model/errors.ts'
import { parseJson, printJson } from '../../../src/wire/json.ts'
import { goldenLines } from './golden.ts'
import type { Line } from './golden.ts'

for (const api of ['scheduler', 'executor'] as const) {
  test(`every recorded ${api} event is printed byte for byte as Mesos printed it`, t => {
    let records = 0
    for (const [name, line] of goldenLines(api)) {
      if (line.kind !== 'event' || line.json === undefined) continue
      const printed = printJson(`${api}.Event`, parseJson(`${api}.Event`, line.json))
      assert.deepEqual(JSON.parse(printed), line.json, name)
      assert.equal(JSON.stringify(JSON.parse(printed)), JSON.stringify(line.json), `${name}: order of the fields`)
      assert.equal(Buffer.byteLength(printed), line.record_length, `${name}: length`)
      records++
    }
    t.diagnostic(`${records} recorded events`)
    assert.ok(records > 10)
  })
}

test('every recorded call is understood, or refused with the words of Mesos', t => {
  let calls = 0
  let refused = 0
  const lines = [...goldenLines('scheduler')]
  for (const [at, [name, line]] of lines.entries()) {
    if (line.kind !== 'request' || line.json === undefined) continue
    const refusal = refusalOf(line)
    const answer = lines[at + 1]?.[1].body ?? ''
    if (/Failed to convert JSON/.test(answer)) assert.equal(`Failed to convert JSON into Call protobuf: ${refusal}`, answer, name)
    else assert.equal(refusal, undefined, name)
    calls++
    if (refusal !== undefined) refused++
  }
  t.diagnostic(`${calls} recorded calls, ${refused} of them refused`)
  assert.ok(calls > 100 && refused === 2)
})

function refusalOf (line: Line): string | undefined {
  try {
    parseJson('scheduler.Call', line.json)
    return undefined
  } catch (error) {
    assert.ok(error instanceof AgentError)
    assert.equal(error.code, 'SPEC_INVALID')
    return error.message
  }
}
