import assert from 'node:assert/strict'
import { closeSync, openSync } from 'node:fs'
import { test } from 'node:test'
import { errorFields, forPeople, openLog } from '../../src/console-log.ts'
import { AgentError } from '../../src/model/errors.ts'

test('a log line for people has the time, the level, the sentence and the fields', () => {
  const line = JSON.stringify({ level: 'warn', time: '2026-01-02T03:04:05.678Z', stage: 'pull', tries: 2, msg: 'pull failed' })
  assert.equal(forPeople(line), '03:04:05 warn  pull failed stage=pull tries=2\n')
})

test('what others have written moves no cursor and makes no second line', () => {
  const line = JSON.stringify({ level: 'warn', time: '2026-01-02T03:04:05.678Z', task: 'a\u001b[2J\n03:04:05 error forged', msg: 'it\r\nfailed' })
  assert.equal(forPeople(line), '03:04:05 warn  it  failed task=a [2J 03:04:05 error forged\n')
})

test('an error in the log has its code and its whole story; only an unforeseen one has its stack', () => {
  const error = new AgentError('PULL_FAILED', 'pull failed', { stage: 'pull' }, new Error('no route'))
  assert.deepEqual(errorFields(error), { code: 'PULL_FAILED', message: 'pull failed: no route', stage: 'pull' })
  assert.match(JSON.stringify(errorFields(new TypeError('x is not'))), /"code":"INTERNAL","message":"x is not","stack":"TypeError/)
  assert.equal(errorFields('words'), 'words')
})

test('a log that cannot be written throws nothing at those who log', t => {
  const fd = openSync('/dev/full', 'w')
  t.after(() => { closeSync(fd) })
  const log = openLog('info', { fd, isTTY: false } as unknown as NodeJS.WriteStream & { fd: number })
  for (let count = 0; count < 3; count++) log.info({ text: 'x'.repeat(600_000) }, 'nobody reads this')
})
