import assert from 'node:assert/strict'
import { test } from 'node:test'
import { commitSoon } from '../../../src/agent/commit-soon.ts'
import { AgentError } from '../../../src/model/errors.ts'
import { put } from '../../../src/store/checkpoint.ts'

const change = put('agent', 'self', { agentId: 'i', bootId: 'j' })
const full = new AgentError('DISK_FULL', 'no room')

test('a commit that the disk does not answer is not waited for any longer, and one that it refuses is told', async t => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  await commitSoon({ fault: undefined, commit: async () => {} }, change)
  await assert.rejects(commitSoon({ fault: undefined, commit: async () => { throw full } }, change), full)
  const hanging = commitSoon({ fault: undefined, commit: () => new Promise(() => {}) }, change)
  t.mock.timers.tick(5_000)
  await hanging
})
