import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ContainerUsage } from '../../../../src/model/container-usage.ts'
import type { KnownContainer } from '../../../../src/pool/jobs.ts'
import { openCgroups, type Cgroups } from '../../../../workers/cgroup/cgroups.ts'
import { readUsages } from '../../../../workers/cgroup/read-usage.ts'
import { recorded, recordedTree, type Tree } from './trees.ts'

const calm = new AbortController().signal

async function usageOf (tree: Tree, container: KnownContainer): Promise<Partial<ContainerUsage> | undefined> {
  const [usage] = await readUsages(openCgroups(tree.root), [container], calm)
  if (usage === undefined) return undefined
  const { timestamp, ...figures } = usage
  assert.ok(Math.abs(timestamp - Date.now() / 1000) < 60)
  return figures
}

test('a recorded container of v1 is told in full; block I/O, which that kernel did not count, is left out', async () => {
  using tree = recordedTree('v1')
  assert.deepEqual(await usageOf(tree, recorded.v1), {
    cpuUserSeconds: 0.374028,
    cpuSystemSeconds: 0.079339,
    nrPeriods: 12,
    nrThrottled: 8,
    throttledSeconds: 0.380117608,
    memTotalBytes: 30_674_944,
    memRssBytes: 106_496,
    memCacheBytes: 29_360_128,
    memMappedFileBytes: 0,
    memLimitBytes: 67_108_864,
    memPeakBytes: 33_701_888,
    oomKills: 0,
    processes: 2,
    threads: 2,
    netRxBytes: 1182,
    netRxPackets: 13,
    netRxErrors: 0,
    netRxDropped: 0,
    netTxBytes: 0,
    netTxPackets: 0,
    netTxErrors: 0,
    netTxDropped: 0,
  })
})

test('without a unified hierarchy beside it, v1 tells the CPU time in its own units', async () => {
  using tree = recordedTree('v1')
  tree.remove('sys/fs/cgroup/unified')
  const usage = await usageOf(tree, recorded.v1)
  assert.equal(usage?.cpuUserSeconds, 0.37)
  assert.equal(usage.cpuSystemSeconds, 0.07)
})

test('a container of v2 is told with all that is nested in it', async () => {
  using tree = recordedTree('v2')
  assert.deepEqual(await usageOf(tree, recorded.web), {
    cpuUserSeconds: 9.000001,
    cpuSystemSeconds: 3.345677,
    nrPeriods: 1500,
    nrThrottled: 42,
    throttledSeconds: 2.718281,
    memTotalBytes: 71_303_168,
    memRssBytes: 33_554_432,
    memCacheBytes: 31_457_280,
    memMappedFileBytes: 12_582_912,
    memLimitBytes: 134_217_728,
    memPeakBytes: 96_468_992,
    oomKills: 1,
    processes: 4,
    threads: 9,
    blkioReadBytes: 20_975_616,
    blkioWriteBytes: 8_389_120,
    blkioReadOperations: 321,
    blkioWriteOperations: 97,
    netRxBytes: 4_719_592,
    netRxPackets: 3110,
    netRxErrors: 1,
    netRxDropped: 7,
    netTxBytes: 1_050_576,
    netTxPackets: 2920,
    netTxErrors: 2,
    netTxDropped: 5,
  })
})

test('what controllers that are off and an older kernel do not tell is left out, and so is a limit that is none', async () => {
  using tree = recordedTree('v2')
  assert.deepEqual(await usageOf(tree, recorded.batch), {
    cpuUserSeconds: 0.4,
    cpuSystemSeconds: 0.1,
    memTotalBytes: 1_048_576,
    memRssBytes: 524_288,
    memCacheBytes: 262_144,
    memMappedFileBytes: 131_072,
    oomKills: 0,
    processes: 1,
    threads: 1,
    ...{ netRxBytes: 0, netRxPackets: 0, netRxErrors: 0, netRxDropped: 0, netTxBytes: 0, netTxPackets: 0, netTxErrors: 0, netTxDropped: 0 },
  })
})

test('a container that has ended and still has its cgroup tells what it has used, and no process', async () => {
  using tree = recordedTree('v2')
  const usage = await usageOf(tree, recorded.ended)
  assert.equal(usage?.processes, 0)
  assert.equal(usage.oomKills, 3)
  assert.equal(usage.memPeakBytes, 33_554_432)
  assert.equal(usage.blkioReadBytes, 0)
  assert.equal(usage.netRxBytes, undefined)
})

test('network counters are told only of a network of its own, and only by a process of its own', async () => {
  using tree = recordedTree('v2')
  tree.link('proc/self/ns/net', 'net:[4026531840]')
  tree.link('proc/2117/ns/net', 'net:[4026531840]')
  tree.link('proc/4242/ns/net', 'net:[4026532999]')
  assert.equal((await usageOf(tree, recorded.web))?.netRxBytes, undefined)
  assert.equal((await usageOf(tree, recorded.batch))?.netRxBytes, 0)
  assert.equal((await usageOf(tree, { ...recorded.web, pid: 4242 }))?.netRxBytes, undefined)
  assert.equal((await usageOf(tree, { ...recorded.web, pid: 1 }))?.netRxBytes, undefined)
})

test('one that is gone, or is none, does not keep the others from being told', async () => {
  using tree = recordedTree('v2')
  const unknown = { engineId: 'f'.repeat(64), pid: 2117 }
  const containers = [unknown, recorded.web, { engineId: '../..', pid: undefined }, recorded.batch]
  const usages = await readUsages(openCgroups(tree.root), containers, calm)
  assert.deepEqual(usages.map(usage => usage?.threads), [undefined, 9, undefined, 1])
})

/** Finds it, and takes a part of it away before it is read. */
function losing (tree: Tree, part: string): Cgroups {
  const cgroups = openCgroups(tree.root)
  return { root: tree.root, find: container => { const found = cgroups.find(container); tree.remove(part); return found } }
}

test('a container whose cgroups go half-way is gone, not half told', async () => {
  using v1 = recordedTree('v1')
  assert.deepEqual(await readUsages(losing(v1, `sys/fs/cgroup/memory/docker/${recorded.v1.engineId}`), [recorded.v1], calm), [undefined])
  using v2 = recordedTree('v2')
  const scope = `sys/fs/cgroup/system.slice/docker-${recorded.web.engineId}.scope`
  assert.deepEqual(await readUsages(losing(v2, scope), [recorded.web], calm), [undefined])
})

test('a container of v1 that has ended and lost a part of its cgroups is gone; one whose engine leaves a hierarchy out is not', async () => {
  using tree = recordedTree('v1')
  const { engineId } = recorded.v1
  tree.remove(`sys/fs/cgroup/memory/docker/${engineId}`)
  assert.equal((await usageOf(tree, recorded.v1))?.processes, 2)
  for (const name of ['cpu', 'cpuacct', 'blkio', 'pids', 'unified']) {
    tree.write({ [`sys/fs/cgroup/${name}/docker/${engineId}/cgroup.procs`]: '' })
  }
  assert.equal(await usageOf(tree, recorded.v1), undefined)
})

test('a file or a nested cgroup that goes half-way is left out', async () => {
  using tree = recordedTree('v2')
  const scope = `sys/fs/cgroup/system.slice/docker-${recorded.web.engineId}.scope`
  tree.remove(`${scope}/memory.stat`)
  tree.remove(`${scope}/init.scope/cgroup.procs`)
  const usage = await usageOf(tree, recorded.web)
  assert.equal(usage?.memRssBytes, undefined)
  assert.equal(usage?.memTotalBytes, 71_303_168)
  assert.equal(usage.processes, 3)
})

test('a cancel ends a long pass with its reason', async () => {
  using tree = recordedTree('v2')
  const controller = new AbortController()
  const reason = new Error('enough')
  const pass = readUsages(openCgroups(tree.root), Array.from({ length: 1000 }, () => recorded.web), controller.signal)
  setImmediate(() => { controller.abort(reason) })
  await assert.rejects(pass, reason)
})
