import assert from 'node:assert/strict'
import { test } from 'node:test'
import { taskToSpec } from '../../../src/agent/task-to-spec.ts'
import type { ContainerSpec } from '../../../src/model/container-spec.ts'
import type { v1 } from '../../../src/wire/messages.ts'
import { docker, settings, withContainer } from './task-infos.ts'

function ulimits (rlimits: v1.RLimitInfo_RLimit[], parameters: v1.Parameter[] = []): ContainerSpec['ulimits'] {
  return taskToSpec(withContainer({ docker: { ...docker, parameters }, rlimit_info: { rlimits } }), 'f1', 'c1', settings).ulimits
}

test('limits of processes come from rlimit_info and the parameter ulimit; without figures they are endless', () => {
  assert.deepEqual(ulimits([{ type: 'RLMT_CORE' }, { type: 'RLMT_NPROC', soft: 5n, hard: 10n }], [{ key: 'ulimit', value: 'nofile=1:2' }]), [
    { Name: 'nofile', Soft: 1, Hard: 2 }, { Name: 'core', Soft: -1, Hard: -1 }, { Name: 'nproc', Soft: 5, Hard: 10 },
  ])
  assert.equal(ulimits([]), undefined)
})

const field = 'container.rlimit_info.rlimits[0]'
const wrong: ReadonlyArray<readonly [v1.RLimitInfo_RLimit, string, string]> = [
  [{}, 'SPEC_INVALID', `${field}.type is missing or unknown`],
  [{ type: 'RLMT_AS' }, 'NOT_SUPPORTED', `${field}.type RLMT_AS is not supported: the engine cannot set it`],
  [{ type: 'RLMT_CORE', soft: 1 }, 'SPEC_INVALID', `${field} has one of soft and hard: it needs both, or none to be unlimited`],
  [{ type: 'RLMT_CORE', soft: 2, hard: 1 }, 'SPEC_INVALID', `${field} has a soft limit above its hard one`],
  [{ type: 'RLMT_NOFILE', soft: 1, hard: 1 }, 'SPEC_INVALID', `${field} limits nofile a second time`],
]

for (const [rlimit, code, message] of wrong) {
  test(`refused: ${message}`, () => {
    assert.throws(() => ulimits([rlimit], [{ key: 'ulimit', value: 'nofile=1:2' }]), { code, message })
  })
}
