import assert from 'node:assert/strict'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { compressions } from '../../../support/compress.ts'
import { hostileArchives, hostileTar, hostileZip, type HostileEntry } from '../../../support/hostile-entries.ts'
import { needsPrograms } from '../../../support/requires.ts'
import { startFetchBench, treeOf } from './fetch-bench.ts'

const makers: Readonly<Record<string, (entries: readonly HostileEntry[]) => Uint8Array>> = {
  'x.tar': hostileTar,
  'x.tar.gz': entries => compressions.gz(hostileTar(entries)),
  'x.tar.bz2': entries => compressions.bz2(hostileTar(entries)),
  'x.tar.xz': entries => compressions.xz(hostileTar(entries)),
  'x.tar.zst': entries => compressions.zst(hostileTar(entries)),
  'x.zip': hostileZip,
}

for (const [name, make] of Object.entries(makers)) {
  test(`no hostile ${name} leaves a trace`, needsPrograms('bzip2', 'xz', 'zstd'), async context => {
    for (const [what, entries] of hostileArchives) {
      await context.test(what, async () => {
        using bench = startFetchBench()
        writeFileSync(join(bench.outside, name), make([{ name: 'first', body: 'x' }, ...entries, { name: 'last', body: 'x' }]))
        const message = await bench.refused('FETCH_FAILED', [join(bench.outside, name)])
        assert.match(message, /cannot be extracted: \S/)
        assert.ok(!existsSync('/tmp/slipway-victim'))
      })
    }
  })
}

const part = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('..', '.', '', 'a', 'b', 'A', 'stdout', 'first', '\\', 'a\\..', ' ', '%2e%2e', '～', 'ä', 'a\u0308', '...', '.. ') },
  { weight: 1, arbitrary: fc.string({ maxLength: 8 }).map(text => text.replaceAll('\0', '')) },
)
const name = fc.array(part, { minLength: 1, maxLength: 5 }).map(parts => parts.join('/')).filter(text => text !== '' && Buffer.byteLength(text) < 100)
const entry = fc.oneof(fc.record({ name }), fc.record({ name, link: name }), fc.record({ name: name.map(text => `${text}/`).filter(text => text.length < 90) }))

for (const [file, make] of [['x.tar', hostileTar], ['x.zip', hostileZip]] as const) {
  test(`whatever the entries of ${file} are called, nothing comes of them outside the sandbox, and nothing of a failure inside`, async () => {
    await fc.assert(fc.asyncProperty(fc.array(entry, { minLength: 1, maxLength: 5 }), async entries => {
      using bench = startFetchBench()
      writeFileSync(join(bench.outside, file), make(entries))
      const before = treeOf(bench.outside)
      const isFetched = await bench.fetch([join(bench.outside, file)]).then(() => true, () => false)
      const after = treeOf(bench.outside)
      for (const [path, content] of Object.entries(before)) assert.equal(after[path], content, path)
      const more = Object.keys(after).filter(path => !(path in before))
      if (isFetched) assert.deepEqual(more.filter(path => !path.startsWith('sandbox/')), [])
      else assert.deepEqual(more, [])
    }), { numRuns: 300 })
  })
}
