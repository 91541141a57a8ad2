import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AgentError } from '../../../src/model/errors.ts'
import { parseContainerFilter, parseKill, parseLogQuery, type KillQuery, type LogQuery } from '../../../src/operator/queries.ts'

const refuses = (field: string | undefined) => (error: unknown): boolean =>
  error instanceof AgentError && error.code === 'SPEC_INVALID' && error.detail['field'] === field && (field === undefined || error.message.startsWith(field))

const logQueries: ReadonlyArray<readonly [object, LogQuery]> = [
  [{}, { stream: 'stdout', from: { offset: 0 }, length: Infinity, follow: false }],
  [{ stream: 'stderr', offset: '12', follow: 'true' }, { stream: 'stderr', from: { offset: 12 }, length: Infinity, follow: true }],
  [{ follow: 'false', offset: '999999999999999', length: '7' }, { stream: 'stdout', from: { offset: 999999999999999 }, length: 7, follow: false }],
  [{ tail: '10' }, { stream: 'stdout', from: { tail: 10 }, length: Infinity, follow: false }],
]

for (const [query, expected] of logQueries) {
  const asks = `${expected.stream} from ${JSON.stringify(expected.from)}${expected.follow ? ', followed' : ''}`
  test(`logs?${new URLSearchParams({ ...query }).toString()} asks for ${asks}`, () => {
    assert.deepEqual(parseLogQuery(query), expected)
  })
}

const badLogQueries: ReadonlyArray<readonly [Record<string, unknown>, string]> = [
  [{ stream: 'log' }, 'stream'], [{ stream: '__proto__' }, 'stream'], [{ offset: '-1' }, 'offset'], [{ offset: '1e3' }, 'offset'], [{ offset: '' }, 'offset'],
  [{ offset: '1234567890123456' }, 'offset'], [{ follow: 'yes' }, 'follow'], [{ follow: ['true', 'true'] }, 'follow'], [{ offset: ['1', '2'] }, 'offset'],
  [{ tail: ['1', '2'] }, 'tail'], [{ tail: '-1' }, 'tail'], [{ tail: '100001' }, 'tail'], [{ tail: '1', offset: '1' }, 'tail'], [{ length: 'all' }, 'length'],
]

for (const [query, field] of badLogQueries) {
  test(`a log query with ${JSON.stringify(query)} is refused, naming ${field}`, () => { assert.throws(() => parseLogQuery(query), refuses(field)) })
}

const kills: ReadonlyArray<readonly [object, KillQuery]> = [
  [{ task_id: 't' }, { taskId: 't', frameworkId: undefined, policy: undefined }],
  [{ task_id: 't', framework_id: 'f', grace_seconds: 2.5 }, { taskId: 't', frameworkId: 'f', policy: { grace_period: { nanoseconds: 2_500_000_000 } } }],
  [{ task_id: 't', grace_seconds: 0, more: 1 }, { taskId: 't', frameworkId: undefined, policy: { grace_period: { nanoseconds: 0 } } }],
]

for (const [body, expected] of kills) {
  test(`a kill with ${JSON.stringify(body)} is understood`, () => { assert.deepEqual(parseKill(Buffer.from(JSON.stringify(body))), expected) })
}

const badKills: ReadonlyArray<readonly [string, string | undefined]> = [
  ['', undefined], ['{', undefined], ['[]', undefined], ['null', undefined], ['"t"', undefined],
  ['{}', 'task_id'], ['{"task_id":""}', 'task_id'], ['{"task_id":1}', 'task_id'], ['{"task_id":"t","framework_id":1}', 'framework_id'],
  ['{"task_id":"t","grace_seconds":-1}', 'grace_seconds'], ['{"task_id":"t","grace_seconds":"5"}', 'grace_seconds'],
  ['{"task_id":"t","grace_seconds":null}', 'grace_seconds'],
]

for (const [body, field] of badKills) {
  test(`a kill with '${body}' is refused${field === undefined ? '' : `, naming ${field}`}`, () => {
    assert.throws(() => parseKill(Buffer.from(body)), refuses(field))
  })
}

test('a filter that is given twice is refused rather than matching nothing', () => {
  for (const name of ['task', 'framework', 'state']) assert.throws(() => parseContainerFilter({ [name]: ['a', 'b'] }), refuses(name))
})
