import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { AgentError } from '../../../../src/model/errors.ts'
import { openCgroups } from '../../../../workers/cgroup/cgroups.ts'
import { updateLimits } from '../../../../workers/cgroup/update-limits.ts'
import { emptyTree, recorded, recordedTree, type Tree } from './trees.ts'

const v1 = `sys/fs/cgroup/memory/docker/${recorded.v1.engineId}`
const v2 = `sys/fs/cgroup/system.slice/docker-${recorded.web.engineId}.scope`
const mb = 1 << 20

/** What the file says after a change to these limits. */
function update (tree: Tree, container: { engineId: string, pid: number | undefined }, memoryMb: number, cpuShares = 512): string[] {
  return updateLimits(openCgroups(tree.root), { ...container, limits: { cpuShares, memoryBytes: memoryMb * mb }, previousCpuShares: 512 }).wrote
}

function read (tree: Tree, path: string): number {
  return Number(readFileSync(join(tree.root, path), 'utf8'))
}

function v1Tree (more: Record<string, string> = {}): Tree {
  const tree = recordedTree('v1')
  tree.write({ [`${v1}/memory.memsw.limit_in_bytes`]: `${128 * mb}\n`, [`${v1}/memory.soft_limit_in_bytes`]: `${32 * mb}\n`, ...more })
  return tree
}

test('on v1 a higher limit is written from the outside in, a lower one from the inside out; swap and soft limit follow', () => {
  using tree = v1Tree()
  assert.deepEqual(update(tree, recorded.v1, 96), ['memory.memsw.limit_in_bytes', 'memory.limit_in_bytes', 'memory.soft_limit_in_bytes'])
  assert.deepEqual(['limit', 'memsw.limit', 'soft_limit'].map(name => read(tree, `${v1}/memory.${name}_in_bytes`) / mb), [96, 192, 48])
  assert.deepEqual(update(tree, recorded.v1, 64), ['memory.limit_in_bytes', 'memory.memsw.limit_in_bytes', 'memory.soft_limit_in_bytes'])
  assert.deepEqual(['limit', 'memsw.limit', 'soft_limit'].map(name => read(tree, `${v1}/memory.${name}_in_bytes`) / mb), [64, 128, 32])
  assert.deepEqual(update(tree, recorded.v1, 64), [])
})

test('a quota goes along where one is asked for', () => {
  using tree = v1Tree({ [`sys/fs/cgroup/cpu/docker/${recorded.v1.engineId}/cpu.cfs_quota_us`]: '-1\n' })
  const limits = { cpuShares: 512, memoryBytes: 64 * mb, cpuQuotaMicros: 50_000 }
  assert.deepEqual(updateLimits(openCgroups(tree.root), { ...recorded.v1, limits, previousCpuShares: 512 }).wrote, ['cpu.cfs_quota_us'])
})

test('a soft limit that there is not stays so, and without accounts of swap there is no limit to write', () => {
  using tree = recordedTree('v1')
  tree.write({ [`${v1}/memory.soft_limit_in_bytes`]: '9223372036854771712\n' })
  assert.deepEqual(update(tree, recorded.v1, 96, 1024), ['memory.limit_in_bytes', 'cpu.shares'])
})

test('a limit below what is used is refused with the figures, and nothing is written', () => {
  const used = `${50 * mb}\n`
  const inactive = `inactive_file ${8 * mb}\n`
  for (const [tree, container, file] of [
    [v1Tree({ [`${v1}/memory.usage_in_bytes`]: used, [`${v1}/memory.stat`]: `cache 1\ntotal_${inactive}` }), recorded.v1, `${v1}/memory.limit_in_bytes`],
    [v2Tree({ [`${v2}/memory.current`]: used, [`${v2}/memory.stat`]: inactive }), recorded.web, `${v2}/memory.max`],
  ] as const) {
    using here = tree
    const before = read(here, file)
    assert.throws(() => update(here, container, 40), (error: AgentError) =>
      error.code === 'UPDATE_REFUSED' && error.message === 'a memory limit of 40 MB is below the 42 MB that it uses, and 8 MB of page cache that could go')
    assert.equal(read(here, file), before)
    assert.ok(update(here, container, 44).length > 0, 'what the kernel can drop does not count')
  }
})

function v2Tree (more: Record<string, string> = {}): Tree {
  const tree = recordedTree('v2')
  tree.write({ [`${v2}/memory.swap.max`]: `${128 * mb}\n`, ...more })
  return tree
}

test('on v2 memory, swap and weight are written, the weight by the formula of the runtime that made it', () => {
  using tree = v2Tree()
  assert.deepEqual(new Set(update(tree, recorded.web, 256, 1024)), new Set(['memory.max', 'memory.swap.max', 'cpu.weight']))
  assert.deepEqual([read(tree, `${v2}/memory.max`), read(tree, `${v2}/memory.swap.max`)], [256 * mb, 256 * mb])
  assert.equal(read(tree, `${v2}/cpu.weight`), 100)
  tree.write({ [`${v2}/cpu.weight`]: '20\n' })
  update(tree, recorded.web, 256, 1024)
  assert.equal(read(tree, `${v2}/cpu.weight`), 39)
})

test('a write that the kernel refuses takes back those before it', () => {
  using tree = v1Tree()
  tree.remove(`${v1}/memory.memsw.limit_in_bytes`)
  tree.link(`${v1}/memory.memsw.limit_in_bytes`, '/proc/sys/kernel/ostype')       // to be read, not to be written in this way
  tree.remove(`sys/fs/cgroup/cpu/docker/${recorded.v1.engineId}/cpu.shares`)
  tree.link(`sys/fs/cgroup/cpu/docker/${recorded.v1.engineId}/cpu.shares`, '/proc/version')
  assert.throws(() => update(tree, recorded.v1, 96, 1024), { code: 'UPDATE_REFUSED', message: /for cpu\.shares \(E[A-Z]+\)$/ })
  assert.equal(read(tree, `${v1}/memory.limit_in_bytes`), 64 * mb)
})

test('a container without cgroups is NOT_FOUND', () => {
  using tree = emptyTree()
  assert.throws(() => update(tree, recorded.v1, 96), { code: 'NOT_FOUND' })
})
