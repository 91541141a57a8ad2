import assert from 'node:assert/strict'
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { v1 } from '../../src/wire/messages.ts'
import { engineGround } from '../support/engine-ground.ts'
import { tarOf } from '../support/tar.ts'

const ground = engineGround()
const { skip, image } = ground
/** A user that the image does not know, as an operator's numbers are. */
const user = '1234:5678'
let folder: string

before(async () => {
  if (skip !== false) return
  folder = await mkdtemp(join(tmpdir(), 'slipway-sources-'))
  await chmod(folder, 0o755)
  await writeFile(join(folder, 'plain.txt'), 'plain', { mode: 0o644 })
  await writeFile(join(folder, 'x.tar'), tarOf([{ name: 'd/in', body: 'packed' }]), { mode: 0o644 })
})

after(async () => { if (skip === false) await rm(folder, { recursive: true, force: true }) })

interface Ran { readonly said: string, readonly plain: string }

/** Runs it to its end; what it wrote, and where. */
async function run (value: string, uris: v1.CommandInfo_URI[], ...security: string[]): Promise<Ran> {
  const parameters = [{ key: 'user', value: user }, ...security.map(option => ({ key: 'security-opt', value: option }))]
  const container: v1.ContainerInfo = { type: 'DOCKER', docker: { image, network: 'HOST', parameters } }
  const { state, task_id: id } = await ground.framework.run({ info: { command: { shell: true, value, uris }, container } })
  assert.equal(state, 'TASK_FINISHED')
  return { plain: ground.inSandbox(id.value, 'plain.txt'), said: await ground.read(id.value) }
}

test('a task that is not root has its own files: it reads and changes what was fetched, plain, packed and executable', { skip }, async () => {
  const script = join(folder, 'run.sh')
  await writeFile(script, '#!/bin/sh\necho ran', { mode: 0o644 })
  const { said } = await run('cd $MESOS_SANDBOX && cat plain.txt d/in && echo more >> plain.txt && rm d/in && rmdir d && ./run.sh && stat -c %u:%g plain.txt', [
    { value: join(folder, 'plain.txt') }, { value: join(folder, 'x.tar') }, { value: script, executable: true },
  ])
  assert.equal(said, `plainpackedran\n${user}\n`)
})

test('a task that cannot become root shares the cached file itself and cannot write to it; any other has a copy', { skip }, async () => {
  const uris = [{ value: join(folder, 'plain.txt'), cache: true }]
  const write = 'cd $MESOS_SANDBOX && cat plain.txt; echo more >> plain.txt && echo wrote; rm plain.txt && echo removed'
  assert.equal((await run(write, uris)).said, 'plainwrote\nremoved\n')
  const linked = await run('cd $MESOS_SANDBOX && stat -c %h plain.txt; chmod 666 plain.txt; echo more >> plain.txt; true', uris, 'no-new-privileges')
  const { nlink } = await stat(linked.plain)
  assert.equal(linked.said, `${nlink}\n`)
  if (nlink > 1) assert.equal(await readFile(linked.plain, 'utf8'), 'plain')
  assert.equal((await run(write, uris, 'no-new-privileges')).said, nlink > 1 ? 'plainremoved\n' : 'plainwrote\nremoved\n')
  assert.equal((await run('cat $MESOS_SANDBOX/plain.txt', uris)).said, 'plain')
  assert.equal(await ground.agent.metric('slipway_fetch_cache_requests_total{outcome="hit"}'), 3)
})
