import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { openCgroups } from '../../../../workers/cgroup/cgroups.ts'
import { emptyTree, recorded, recordedTree } from './trees.ts'

const id = 'a'.repeat(64)
const other = 'b'.repeat(64)

const v2Mount = '29 23 0:26 / /sys/fs/cgroup rw shared:9 - cgroup2 cgroup2 rw\n'
const controllers = '#subsys_name\thierarchy\tnum_cgroups\tenabled\ncpu\t1\t4\t1\ncpuacct\t1\t4\t1\nmemory\t4\t75\t1\n'

test('a container of the cgroupfs driver is found in every v1 hierarchy, and in the unified one beside them', () => {
  using tree = recordedTree('v1')
  const found = openCgroups(tree.root).find({ engineId: recorded.v1.engineId, pid: undefined })
  const folder = (controller: string): string => join(tree.root, 'sys/fs/cgroup', controller, 'docker', recorded.v1.engineId)
  assert.deepEqual(found?.v1, new Map(['cpu', 'cpuacct', 'memory', 'blkio', 'pids'].map(name => [name, folder(name)])))
  assert.equal(found.unified, folder('unified'))
})

test('a container of the systemd driver is found in the unified hierarchy', () => {
  using tree = recordedTree('v2')
  const found = openCgroups(tree.root).find({ engineId: recorded.web.engineId, pid: undefined })
  assert.equal(found?.v1.size, 0)
  assert.equal(found.unified, join(tree.root, `sys/fs/cgroup/system.slice/docker-${recorded.web.engineId}.scope`))
})

test('controllers that share a v1 hierarchy are both found in it, by the mount point that the kernel names', () => {
  using tree = emptyTree()
  tree.write({
    'proc/cgroups': controllers,
    'proc/self/mountinfo': '33 25 0:28 / /sys/fs/cgroup/cpu,cpuacct rw shared:10 master:3 - cgroup cgroup rw,cpu,cpuacct\n' +
      '34 25 0:29 / /mnt/with\\040space/memory rw - cgroup cgroup rw,memory\n' +
      '35 25 0:30 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd\n',
    [`sys/fs/cgroup/cpu,cpuacct/system.slice/docker-${id}.scope/cpu.shares`]: '1024\n',
    [`mnt/with space/memory/system.slice/docker-${id}.scope/memory.limit_in_bytes`]: '1024\n',
    [`sys/fs/cgroup/systemd/system.slice/docker-${id}.scope/tasks`]: '',
  })
  const found = openCgroups(tree.root).find({ engineId: id, pid: undefined })
  assert.deepEqual([...found?.v1.keys() ?? []], ['cpu', 'cpuacct', 'memory'])
  assert.equal(found?.v1.get('cpu'), found?.v1.get('cpuacct'))
})

test('a container in an unusual place is found by a process of it, also by one that is nested deeper; its neighbours then without', () => {
  using tree = emptyTree()
  tree.write({
    'proc/self/mountinfo': v2Mount,
    'proc/77/cgroup': `0::/kubepods.slice/burst:able.slice/cri-docker-${id}.scope/init.scope\n`,
    [`sys/fs/cgroup/kubepods.slice/burst:able.slice/cri-docker-${id}.scope/cgroup.procs`]: '',
    [`sys/fs/cgroup/kubepods.slice/burst:able.slice/cri-docker-${other}.scope/cgroup.procs`]: '',
    [`sys/fs/cgroup/docker/${'c'.repeat(64)}/cgroup.procs`]: '',
  })
  const cgroups = openCgroups(tree.root)
  const folder = join(tree.root, 'sys/fs/cgroup/kubepods.slice/burst:able.slice')
  assert.equal(cgroups.find({ engineId: other, pid: undefined }), undefined)
  assert.equal(cgroups.find({ engineId: id, pid: 77 })?.unified, join(folder, `cri-docker-${id}.scope`))
  assert.equal(cgroups.find({ engineId: other, pid: undefined })?.unified, join(folder, `cri-docker-${other}.scope`))
  assert.ok(cgroups.find({ engineId: 'c'.repeat(64), pid: undefined }), 'the usual layouts still count')
})

test('an engine within a container: only what its part of the hierarchy shows', () => {
  using tree = emptyTree()
  tree.write({
    'proc/cgroups': controllers,
    'proc/self/mountinfo': `40 30 0:30 /docker/${other} /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n`,
    'proc/77/cgroup': `4:memory:/docker/${other}/docker/${id}\n0::/\n`,
    'proc/78/cgroup': `4:memory:/docker/${'c'.repeat(64)}\n`,
    [`sys/fs/cgroup/memory/docker/${id}/memory.stat`]: '',
  })
  const cgroups = openCgroups(tree.root)
  assert.equal(cgroups.find({ engineId: id, pid: 77 })?.v1.get('memory'), join(tree.root, 'sys/fs/cgroup/memory/docker', id))
  assert.equal(cgroups.find({ engineId: 'c'.repeat(64), pid: 78 }), undefined)
})

test('the mount that shows the whole hierarchy is preferred to one that shows a part', () => {
  using tree = emptyTree()
  const whole = '29 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n'
  const part = `50 23 0:26 /docker/${other} /part rw - cgroup2 cgroup2 rw\n`
  tree.write({ [`sys/fs/cgroup/docker/${id}/cgroup.procs`]: '' })
  for (const mountinfo of [whole + part, part + whole]) {
    tree.write({ 'proc/self/mountinfo': mountinfo })
    assert.equal(openCgroups(tree.root).find({ engineId: id, pid: undefined })?.unified, join(tree.root, 'sys/fs/cgroup/docker', id))
  }
})

test('a pid that has been given to another process since leads nowhere', () => {
  using tree = emptyTree()
  tree.write({
    'proc/self/mountinfo': v2Mount,
    'proc/77/cgroup': `0::/custom/${other}\n`,
    'proc/78/cgroup': '0::/\n',
    [`sys/fs/cgroup/custom/${other}/cgroup.procs`]: '',
  })
  for (const pid of [77, 78, 79, 0, -1, 1.5]) assert.equal(openCgroups(tree.root).find({ engineId: id, pid }), undefined)
})

test('a path that leads out of the hierarchy is not followed', () => {
  using tree = emptyTree()
  tree.write({ 'proc/self/mountinfo': v2Mount, 'proc/77/cgroup': `0::/../../../outside/${id}\n`, [`outside/${id}/cgroup.procs`]: '' })
  assert.equal(openCgroups(tree.root).find({ engineId: id, pid: 77 }), undefined)
})

test('an id that is not the engine\'s is never made part of a path', () => {
  using tree = emptyTree()
  tree.write({ 'proc/self/mountinfo': v2Mount })
  for (const name of ['x', 'A'.repeat(64)]) tree.write({ [`sys/fs/cgroup/docker/${name}/cgroup.procs`]: '' })
  const cgroups = openCgroups(tree.root)
  for (const engineId of ['', 'x', '..', '../docker/x', 'A'.repeat(64), `${id}/`, `${id}\n`, 'a'.repeat(63)]) {
    assert.equal(cgroups.find({ engineId, pid: undefined }), undefined, engineId)
  }
})

test('without a cgroup file system nothing is found, and one that is mounted later is', () => {
  using tree = emptyTree()
  const cgroups = openCgroups(tree.root)
  tree.write({ [`sys/fs/cgroup/docker/${id}/cgroup.procs`]: '' })
  assert.equal(cgroups.find({ engineId: id, pid: undefined }), undefined)
  tree.write({ 'proc/self/mountinfo': v2Mount })
  assert.ok(cgroups.find({ engineId: id, pid: undefined }))
})
