import assert from 'node:assert/strict'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { openCgroups } from '../../../../workers/cgroup/cgroups.ts'
import { clearRemnants } from '../../../../workers/cgroup/clear-remnants.ts'
import type { Kill } from '../../../../workers/cgroup/signal-container.ts'
import { emptyTree, type Tree } from './trees.ts'

const [ours, others] = ['a'.repeat(64), 'b'.repeat(64)] as [string, string]
const parent = 'sys/fs/cgroup/freezer/unusual'

interface Process { readonly comm?: string, readonly words?: readonly string[], readonly cgroup?: string, readonly parent?: number, readonly state?: string }

function processes (of: Readonly<Record<number, Process>>): Tree {
  const tree = emptyTree()
  tree.write({ 'proc/self/mountinfo': '32 31 0:29 / /sys/fs/cgroup/freezer rw - cgroup cgroup rw,freezer\n', 'proc/cgroups': '#name\nfreezer\t1\t1\t1\n' })
  for (const [pid, { comm = 'sh', words = [comm], cgroup = '/user.slice', parent: ppid = 1, state = 'S' }] of Object.entries(of)) {
    tree.write({
      [`proc/${pid}/comm`]: `${comm}\n`, [`proc/${pid}/cmdline`]: words.map(word => `${word}\0`).join(''),
      [`proc/${pid}/cgroup`]: `6:freezer:${cgroup}\n`, [`proc/${pid}/status`]: `Name:\t${comm}\nState:\t${state}\nPPid:\t${ppid}\n`,
    })
  }
  return tree
}

function killer (tree: Tree): { readonly kill: Kill, readonly killed: number[] } {
  const killed: number[] = []
  const kill: Kill = pid => {
    killed.push(pid)
    rmSync(join(tree.root, `proc/${pid}`), { recursive: true })
  }
  return { kill, killed }
}

const shim = (id: string): Process => ({ comm: 'containerd-shim', words: ['containerd-shim-runc-v2', '-namespace', 'moby', '-id', id] })

test('the shim of a container goes first, then what it was about to run, then what is in its cgroups, which go as well', async () => {
  using tree = processes({
    30: { comm: 'runc:[2:INIT]', cgroup: `/unusual/${ours}`, parent: 1 }, 31: shim(ours), 32: { comm: 'runc', parent: 31 }, 33: { parent: 32 },
  })
  tree.write({ [`${parent}/${ours}/nested/kept`]: '' })
  rmSync(join(tree.root, parent, ours, 'nested/kept'))
  const { kill, killed } = killer(tree)
  assert.deepEqual(await clearRemnants(openCgroups(tree.root), { engineIds: [ours] }, kill), { killed: 4 })
  assert.deepEqual(killed, [31, 32, 33, 30])
  assert.equal(existsSync(join(tree.root, parent, ours)), false)
})

test('nobody else is touched: other containers, their shims, what only names the id, the dead, and the one that takes a dead shim\'s things away', async () => {
  using tree = processes({
    40: shim(others), 41: { cgroup: `/unusual/${others}`, parent: 40 }, 42: { words: ['docker', 'inspect', ours] }, 43: { cgroup: `/unusual/x${ours}` },
    44: { cgroup: `/unusual/${ours}`, state: 'Z (zombie)' }, 45: { ...shim(ours), words: [...shim(ours).words ?? [], 'delete'] },
    [process.pid]: { cgroup: `/unusual/${ours}` }, 1: { cgroup: `/unusual/${ours}` },
  })
  const { kill, killed } = killer(tree)
  assert.deepEqual(await clearRemnants(openCgroups(tree.root), { engineIds: [ours, '', '../..'] }, kill), { killed: 0 })
  assert.deepEqual(killed, [])
})

test('what does not end is tried for a while and no longer', async () => {
  using tree = processes({ 50: { cgroup: `/unusual/${ours}` } })
  let tries = 0
  assert.deepEqual(await clearRemnants(openCgroups(tree.root), { engineIds: [ours] }, () => { tries++ }), { killed: 1 })
  assert.ok(tries > 1 && tries < 100)
})

test('what is not ours to end is told as such', async () => {
  using tree = processes({ 60: { cgroup: `/unusual/${ours}` } })
  const kill: Kill = () => { throw Object.assign(new Error('no'), { code: 'EPERM' }) }
  await assert.rejects(clearRemnants(openCgroups(tree.root), { engineIds: [ours] }, kill), { code: 'NOT_ALLOWED', message: /process 60.*EPERM/ })
})
