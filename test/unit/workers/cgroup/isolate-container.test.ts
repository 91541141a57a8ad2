import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { AgentError } from '../../../../src/model/errors.ts'
import { openCgroups, type Cgroups } from '../../../../workers/cgroup/cgroups.ts'
import { isolateContainer } from '../../../../workers/cgroup/isolate-container.ts'
import { emptyTree, recorded, recordedTree } from './trees.ts'

const id = 'a'.repeat(64)
const scope = `sys/fs/cgroup/system.slice/docker-${recorded.web.engineId}.scope`

test('on v1 nothing is written, and the limits that the engine was given are found', () => {
  using tree = recordedTree('v1')
  const outcome = isolateContainer(openCgroups(tree.root), { ...recorded.v1, limits: { cpuShares: 512, memoryBytes: 64 << 20 } })
  assert.deepEqual(outcome, { wrote: [], verified: ['memory.limit_in_bytes', 'cpu.shares'], differs: [] })
})

test('on v2 the container is set to end whole when out of memory; a second time there is nothing to write', () => {
  using tree = recordedTree('v2')
  const cgroups = openCgroups(tree.root)
  const input = { ...recorded.web, limits: { cpuShares: 512, memoryBytes: 128 << 20 } }
  const verified = ['memory.oom.group', 'memory.max', 'cpu.weight']
  assert.deepEqual(isolateContainer(cgroups, input), { wrote: ['memory.oom.group'], verified, differs: [] })
  assert.match(readFileSync(join(tree.root, scope, 'memory.oom.group'), 'utf8'), /^1/)
  assert.deepEqual(isolateContainer(cgroups, input), { wrote: [], verified, differs: [] })
})

test('limits that the kernel has otherwise are told, not thrown', () => {
  using tree = recordedTree('v1')
  const outcome = isolateContainer(openCgroups(tree.root), { ...recorded.v1, limits: { cpuShares: 1024, memoryBytes: 96 << 20 } })
  assert.deepEqual(outcome.verified, [])
  assert.deepEqual(outcome.differs, [
    { file: 'memory.limit_in_bytes', expected: '100663296', actual: '67108864' },
    { file: 'cpu.shares', expected: '1024', actual: '512' },
  ])
})

test('no limit where one was asked for, or no controller to keep it, is a difference', () => {
  using tree = recordedTree('v2')
  const outcome = isolateContainer(openCgroups(tree.root), { ...recorded.batch, limits: { cpuShares: 1024, memoryBytes: 64 << 20 } })
  assert.deepEqual(outcome, { wrote: [], verified: [], differs: [
    { file: 'memory.max', expected: '67108864', actual: 'max' },
    { file: 'cpu.weight', expected: '100 or 39', actual: 'no such file' },
  ] })
})

test('a quota that was asked for is compared, without its period', () => {
  using old = recordedTree('v1')
  old.write({ [`sys/fs/cgroup/cpu/docker/${recorded.v1.engineId}/cpu.cfs_quota_us`]: '50000\n' })
  using unified = recordedTree('v2')
  unified.write({ [`${scope}/cpu.max`]: '50000 100000\n' })
  for (const [tree, container, file] of [[old, recorded.v1, 'cpu.cfs_quota_us'], [unified, recorded.web, 'cpu.max']] as const) {
    const isolated = (cpuQuotaMicros: number): object =>
      isolateContainer(openCgroups(tree.root), { ...container, limits: { cpuShares: 0, memoryBytes: 0, cpuQuotaMicros } }).differs
    assert.deepEqual(isolated(50_000), [])
    assert.deepEqual(isolated(60_000), [{ file, expected: '60000', actual: file === 'cpu.max' ? '50000 100000' : '50000' }])
  }
})

test('zero is the engine\'s word for no limit and is not looked for', () => {
  using tree = recordedTree('v1')
  const outcome = isolateContainer(openCgroups(tree.root), { ...recorded.v1, limits: { cpuShares: 0, memoryBytes: 0 } })
  assert.deepEqual(outcome, { wrote: [], verified: [], differs: [] })
})

for (const [more, isRight] of [[4095, true], [65_535, true], [65_536, false], [-1, false]] as const) {
  const memoryBytes = (64 << 20) + more
  test(`a limit of ${memoryBytes} is ${isRight ? 'right' : 'wrong'} when the kernel has 67108864 in whole pages`, () => {
    using tree = recordedTree('v1')
    const outcome = isolateContainer(openCgroups(tree.root), { ...recorded.v1, limits: { cpuShares: 0, memoryBytes } })
    assert.equal(outcome.verified.includes('memory.limit_in_bytes'), isRight)
  })
}

test('the weight of an older runtime is right too', () => {
  using tree = recordedTree('v2')
  tree.write({ [`${scope}/cpu.weight`]: '20\n' })
  const outcome = isolateContainer(openCgroups(tree.root), { ...recorded.web, limits: { cpuShares: 512, memoryBytes: 0 } })
  assert.ok(outcome.verified.includes('cpu.weight'))
})

test('a file that cannot be written is a difference that says why', () => {
  using tree = recordedTree('v2')
  tree.remove(`${scope}/memory.oom.group`)
  tree.link(`${scope}/memory.oom.group`, '/proc/version')     // to be read, not to be written, by root neither
  const input = { ...recorded.web, limits: { cpuShares: 0, memoryBytes: 0 } }
  const { wrote, differs: [difference] } = isolateContainer(openCgroups(tree.root), input)
  assert.deepEqual(wrote, [])
  assert.equal(difference?.file, 'memory.oom.group')
  assert.match(difference.actual, /^Linux .*, write refused: E[A-Z]+$/s)
})

test('a hybrid host keeps v1\'s memory rules: nothing is written to its unified hierarchy', () => {
  using tree = recordedTree('v1')
  tree.write({ [`sys/fs/cgroup/unified/docker/${recorded.v1.engineId}/memory.oom.group`]: '0\n' })
  assert.deepEqual(isolateContainer(openCgroups(tree.root), { ...recorded.v1, limits: { cpuShares: 0, memoryBytes: 0 } }).wrote, [])
})

test('a container without cgroups is NOT_FOUND', () => {
  using tree = emptyTree()
  const input = { engineId: id, pid: undefined, limits: { cpuShares: 2, memoryBytes: 4096 } }
  assert.throws(() => isolateContainer(openCgroups(tree.root), input), isNotFound)
})

test('a container whose cgroup goes in the middle is NOT_FOUND', () => {
  using tree = recordedTree('v2')
  const cgroups = openCgroups(tree.root)
  const vanishing: Cgroups = {
    root: tree.root,
    find (container) {
      const found = cgroups.find(container)
      tree.remove(scope)
      return found
    },
  }
  const input = { ...recorded.web, limits: { cpuShares: 2, memoryBytes: 4096 } }
  assert.throws(() => isolateContainer(vanishing, input), isNotFound)
})

test('a container that has ended and of which v1 has a part left is NOT_FOUND, not without a limit', () => {
  using tree = recordedTree('v1')
  tree.remove(`sys/fs/cgroup/memory/docker/${recorded.v1.engineId}`)
  const input = { ...recorded.v1, limits: { cpuShares: 512, memoryBytes: 64 << 20 } }
  assert.equal(isolateContainer(openCgroups(tree.root), input).differs.length, 1)
  for (const name of ['cpu', 'cpuacct', 'blkio', 'pids', 'unified']) {
    tree.write({ [`sys/fs/cgroup/${name}/docker/${recorded.v1.engineId}/cgroup.procs`]: '' })
  }
  assert.throws(() => isolateContainer(openCgroups(tree.root), input), isNotFound)
})

function isNotFound (error: unknown): boolean {
  return error instanceof AgentError && error.code === 'NOT_FOUND'
}
