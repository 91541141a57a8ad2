import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sandboxPath } from '../../../src/containerizer/sandbox.ts'

test('a sandbox is where Mesos has it', () => {
  const path = sandboxPath({ workDir: '/srv/slipway', agentId: 'S0', frameworkId: 'f', executorId: 'e', containerId: 'c' })
  assert.equal(path, '/srv/slipway/slaves/S0/frameworks/f/executors/e/runs/c')
})
