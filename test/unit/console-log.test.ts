import assert from 'node:assert/strict'
import { test } from 'node:test'
import { forPeople } from '../../src/console-log.ts'

test('a log line for people has the time, the level, the sentence and the fields', () => {
  const line = JSON.stringify({ level: 'warn', time: '2026-01-02T03:04:05.678Z', stage: 'pull', tries: 2, msg: 'pull failed' })
  assert.equal(forPeople(line), '03:04:05 warn  pull failed stage=pull tries=2\n')
})
