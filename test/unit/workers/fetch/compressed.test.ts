import assert from 'node:assert/strict'
import { lstatSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { AgentError } from '../../../../src/model/errors.ts'
import { compressions, type Suffix } from '../../../support/compress.ts'
import { eventually } from '../../../support/eventually.ts'
import { needsPrograms } from '../../../support/requires.ts'
import { tarOf } from '../../../support/tar.ts'
import { startFetchBench } from './fetch-bench.ts'

const all = needsPrograms('bzip2', 'xz', 'zstd')
const entries = [{ name: 'd/', type: '5' }, { name: 'd/a b%20ä', body: 'A' }, { name: 'big', body: 'x'.repeat(300_000) }]

for (const [name, suffix] of [
  ['x.tbz2', 'bz2'], ['x.tar.bz2', 'bz2'], ['x.txz', 'xz'], ['x.tar.xz', 'xz'], ['x.tar.zst', 'zst'], ['misnamed.tar', 'xz'], ['misnamed.tgz', 'zst'],
] as const) {
  test(`${name} (${suffix}) is extracted, and stays beside`, all, async () => {
    using bench = startFetchBench()
    writeFileSync(join(bench.outside, name), compressions[suffix](tarOf(entries)))
    await bench.fetch([join(bench.outside, name)])
    const { [name]: kept, ...others } = bench.contents()
    assert.ok(kept)
    assert.deepEqual(others, { 'd': '/', 'd/a b%20ä': 'A', 'big': 'x'.repeat(300_000) })
  })
}

for (const suffix of Object.keys(compressions) as Suffix[]) {
  test(`a file that is compressed as .${suffix} is unpacked beside itself, under the name that it is given`, all, async () => {
    using bench = startFetchBench()
    const path = join(bench.outside, `a b%20ä.txt.${suffix}`)
    writeFileSync(path, compressions[suffix](Buffer.from('text')))
    await bench.fetch([{ value: path }, { value: path, outputFile: `sub/folder/other.${suffix}` }])
    const contents = bench.contents()
    assert.equal(contents['a b%20ä.txt'], 'text')
    assert.equal(contents['sub/folder/other'], 'text')
  })

  test(`what is damaged, cut off or not compressed at all is no .${suffix}`, all, async () => {
    using bench = startFetchBench()
    const whole = compressions[suffix](Buffer.from(Array.from({ length: 50_000 }, (_none, index) => (index * 7919) % 251)))
    const damaged = Buffer.from(whole)
    damaged.fill(0x55, whole.length >> 1, (whole.length >> 1) + 8)
    for (const bytes of [whole.subarray(0, whole.length - 20), damaged, Buffer.from('plain text'), Buffer.alloc(0)]) {
      for (const name of [`x.${suffix}`, `x.tar.${suffix}`]) {
        writeFileSync(join(bench.outside, name), bytes)
        assert.match(await bench.refused('FETCH_FAILED', [join(bench.outside, name)]), /cannot be extracted: \S/)
      }
    }
  })

  test(`a bomb of .${suffix} ends at the limit, and its program with it`, all, async () => {
    using bench = startFetchBench()
    const path = join(bench.outside, `bomb.${suffix}`)
    writeFileSync(path, compressions[suffix](Buffer.alloc(120e6)))
    assert.match(await bench.refused('FETCH_FAILED', [path]), /unfolds to more than 200 times its size \(--fetch-archive-ratio\)/)
    assert.deepEqual(children(), [])
  })
}

test('a cancel ends the program that unpacks', all, async () => {
  using bench = startFetchBench()
  const path = join(bench.outside, 'x.xz')
  writeFileSync(path, compressions.xz(Buffer.alloc(90e6)))
  const controller = new AbortController()
  const killed = new AgentError('CANCELLED', 'killed')
  const running = bench.fetch([path], { signal: controller.signal })
  running.catch(() => {})
  await eventually(() => children().length > 0, { everyMs: 1 })
  controller.abort(killed)
  await assert.rejects(running, error => error === killed)
  assert.deepEqual(children(), [])
  assert.deepEqual(bench.contents(), {})
})

test('a program that is missing is named', all, async () => {
  using bench = startFetchBench()
  writeFileSync(join(bench.outside, 'x.xz'), compressions.xz(Buffer.from('text')))
  const { PATH } = process.env
  process.env['PATH'] = '/nowhere'
  try {
    assert.match(await bench.refused('NOT_SUPPORTED', [join(bench.outside, 'x.xz')]), /it takes the program xz, which is not in the PATH/)
  } finally {
    process.env['PATH'] = PATH
  }
})

test('what is fetched belongs to its owner: files, folders, links, and all that archives bring', { skip: process.getuid?.() !== 0 }, async () => {
  using bench = startFetchBench()
  const archive = join(bench.outside, 'x.tar')
  writeFileSync(archive, tarOf([{ name: 'd/a', body: 'A' }, { name: 'l', type: '2', link: 'd' }]))
  await bench.fetch([archive, { value: join(bench.outside, 'victim'), outputFile: 'sub/run', executable: true }], { owner: { uid: 1234, gid: 5678 } })
  for (const name of ['x.tar', 'd', 'd/a', 'l', 'sub', 'sub/run']) {
    const { uid, gid } = lstatSync(join(bench.sandbox, name))
    assert.deepEqual({ name, uid, gid }, { name, uid: 1234, gid: 5678 })
  }
  assert.equal(statSync(join(bench.sandbox, 'sub/run')).mode & 0o777, 0o755)
  assert.equal(lstatSync(join(bench.outside, 'victim')).uid, 0)
  assert.equal(lstatSync(bench.sandbox).uid, 0, 'the sandbox itself is not the fetch\'s to give away')
})

/** Programs that this process has started and that have not ended. */
function children (): string[] {
  const pids = readdirSync('/proc').filter(name => /^\d+$/.test(name))
  return pids.filter(pid => {
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ')
      return fields[1] === String(process.pid) && fields[0] !== 'Z'
    } catch {
      return false
    }
  })
}
