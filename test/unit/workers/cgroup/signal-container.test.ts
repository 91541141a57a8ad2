import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { openCgroups } from '../../../../workers/cgroup/cgroups.ts'
import { signalContainer, type Kill } from '../../../../workers/cgroup/signal-container.ts'
import { emptyTree, type Tree } from './trees.ts'

const engineId = 'a'.repeat(64)
const folderOf = { v1: `sys/fs/cgroup/freezer/docker/${engineId}`, v2: `sys/fs/cgroup/docker/${engineId}` }
const mounts = {
  v1: '32 31 0:29 / /sys/fs/cgroup/freezer rw - cgroup cgroup rw,freezer\n',
  v2: '32 31 0:29 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n',
}

/** A container of these processes; by pid, its number in the container's own namespace. */
function containerTree (version: 'v1' | 'v2', processes: Readonly<Record<number, number>>): Tree {
  const tree = emptyTree()
  const folder = folderOf[version]
  tree.write({ 'proc/self/mountinfo': mounts[version], 'proc/cgroups': '#name\nfreezer\t1\t1\t1\n' })
  tree.write({ [`${folder}/cgroup.procs`]: Object.keys(processes).map(pid => `${pid}\n`).join('') })
  for (const [pid, inner] of Object.entries(processes)) {
    tree.write({ [`proc/${pid}/cgroup`]: `6:freezer:/docker/${engineId}\n`, [`proc/${pid}/status`]: `Name:\tsh\nNSpid:\t${pid}\t${inner}\n` })
  }
  return tree
}

/** Notes what is sent; SIGKILL ends the first process and with it all. */
function killer (tree: Tree, folder: string): { readonly kill: Kill, readonly sent: string[] } {
  const sent: string[] = []
  const kill: Kill = (pid, signal) => {
    sent.push(`${signal} ${pid}`)
    if (signal === 'SIGKILL') tree.write({ [`${folder}/cgroup.procs`]: '' })
  }
  return { kill, sent }
}

for (const version of ['v1', 'v2'] as const) {
  test(`SIGTERM goes to the first process alone, SIGKILL to all, on ${version}`, async () => {
    using tree = containerTree(version, { 2001: 7, 2000: 1, 2002: 9 })
    const { kill, sent } = killer(tree, folderOf[version])
    const container = { engineId, pid: undefined }
    assert.deepEqual(await signalContainer(openCgroups(tree.root), { ...container, signal: 'SIGTERM' }, kill), { processes: 3 })
    assert.deepEqual(sent, ['SIGTERM 2000'])
    assert.deepEqual(await signalContainer(openCgroups(tree.root), { ...container, signal: 'SIGKILL' }, kill), { processes: 0 })
    assert.deepEqual(sent.slice(1), ['SIGKILL 2000', 'SIGKILL 2001', 'SIGKILL 2002'])
  })
}

test('on v2 the kernel is told to end the cgroup as a whole', async () => {
  using tree = containerTree('v2', { 2000: 1 })
  tree.write({ [`${folderOf.v2}/cgroup.kill`]: '0' })
  const { kill } = killer(tree, folderOf.v2)
  await signalContainer(openCgroups(tree.root), { engineId, pid: 2000, signal: 'SIGKILL' }, kill)
  assert.equal(readFileSync(join(tree.root, folderOf.v2, 'cgroup.kill'), 'utf8'), '1')
})

test('a paused container of v1 goes on, so that it can die', async () => {
  using tree = containerTree('v1', { 2000: 1 })
  tree.write({ [`${folderOf.v1}/freezer.state`]: 'FROZEN\n' })
  const { kill } = killer(tree, folderOf.v1)
  await signalContainer(openCgroups(tree.root), { engineId, pid: 2000, signal: 'SIGKILL' }, kill)
  assert.equal(readFileSync(join(tree.root, folderOf.v1, 'freezer.state'), 'utf8'), 'THAWED')
})

test('a number that belongs to another process now is not signalled, and neither are we, init or one that we cannot see', async () => {
  using tree = containerTree('v1', { 0: 5, 1: 6, [process.pid]: 7, 2003: 8 })
  tree.write({ 'proc/2000/cgroup': '6:freezer:/system.slice/sshd.service\n', 'proc/2003/cgroup': '6:freezer:/user.slice\n' })
  const { kill, sent } = killer(tree, folderOf.v1)
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    await assert.rejects(signalContainer(openCgroups(tree.root), { engineId, pid: 2000, signal }, kill), { code: 'NOT_ALLOWED' })
  }
  assert.deepEqual(sent, [])
})

test('processes that are not ours to signal are told as such; one that is just gone is as good as signalled', async () => {
  using tree = containerTree('v1', { 2000: 1 })
  const failing = (code: string): Kill => () => { throw Object.assign(new Error(code), { code }) }
  const input = { engineId, pid: 2000, signal: 'SIGTERM' } as const
  await assert.rejects(signalContainer(openCgroups(tree.root), input, failing('EPERM')), { code: 'NOT_ALLOWED', message: /SIGTERM.*EPERM/ })
  assert.deepEqual(await signalContainer(openCgroups(tree.root), input, failing('ESRCH')), { processes: 1 })
})

test('without a signal processes are counted, and a container without cgroups is not found', async () => {
  using tree = containerTree('v1', { 2000: 1, 2001: 7 })
  const cgroups = openCgroups(tree.root)
  assert.deepEqual(await signalContainer(cgroups, { engineId, pid: 2000, signal: undefined }), { processes: 2 })
  await assert.rejects(signalContainer(cgroups, { engineId: 'b'.repeat(64), pid: 2000, signal: 'SIGKILL' }), { code: 'NOT_FOUND' })
})
