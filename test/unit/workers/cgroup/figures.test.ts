import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Figures, Reader } from '../../../../workers/cgroup/figures.ts'
import { networkFigures } from '../../../../workers/cgroup/network-figures.ts'
import { v1Files } from '../../../../workers/cgroup/v1-figures.ts'
import { v2Files } from '../../../../workers/cgroup/v2-figures.ts'

const readers = new Map<string, Reader>([
  ...v2Files,
  ...v1Files.map(([, file, reader]) => [`v1 ${file}`, reader] as const),
  ['net/dev', networkFigures],
])

const throttled = '254:0 Read 4096\n254:0 Write 1077248\n254:0 Sync 1081344\n254:0 Async 0\n254:0 Discard 0\n254:0 Total 1081344\n' +
  '8:0 Read 1000\n8:0 Write 10\n8:0 Total 1010\nTotal 1082354\n'

const table: ReadonlyArray<readonly [name: string, file: string, text: string, expected: Figures]> = [
  ['devices are added up', 'v1 blkio.throttle.io_service_bytes_recursive', throttled, { blkioReadBytes: 5096, blkioWriteBytes: 1_077_258 }],
  ['operations are added up', 'v1 blkio.bfq.io_serviced_recursive', '8:0 Read 3\n8:0 Write 4\n8:16 Read 5\nTotal 12\n',
    { blkioReadOperations: 8, blkioWriteOperations: 4 }],
  ['a v1 kernel that counted no I/O does not say that there was none', 'v1 blkio.throttle.io_service_bytes_recursive', 'Total 0\n', {}],
  ['a v2 kernel says that there was none', 'io.stat', '',
    { blkioReadBytes: 0, blkioWriteBytes: 0, blkioReadOperations: 0, blkioWriteOperations: 0 }],
  ['no limit of v1', 'v1 memory.limit_in_bytes', '9223372036854771712\n', {}],
  ['no limit of v1 with large pages', 'v1 memory.limit_in_bytes', '9223372036854710272\n', {}],
  ['no limit of v2', 'memory.max', 'max\n', {}],
  ['a kernel before 4.13 does not count OOM kills', 'v1 memory.oom_control', 'oom_kill_disable 0\nunder_oom 0\n', {}],
  ['v1 figures include what is nested', 'v1 memory.stat',
    'cache 1\nrss 2\nmapped_file 3\ntotal_cache 10\ntotal_rss 20\ntotal_mapped_file 30\n',
    { memCacheBytes: 10, memRssBytes: 20, memMappedFileBytes: 30 }],
  ['names of objects are no keys', 'memory.stat', 'constructor 1\ntoString 2\n__proto__ 3\nanon 4\n', { memRssBytes: 4 }],
]

for (const [name, file, text, expected] of table) {
  test(`${file}: ${name}`, () => { assert.deepEqual(readers.get(file)?.(text), expected) })
}

test('an interface without a space after its name, one of a VLAN and a long counter are counted, loopback is not', () => {
  const text = '    lo:9 9 9 9 0 0 0 0 9 9 9 9 0 0 0 0\n  eth0:18446744073709 2 3 4 0 0 0 0 5 6 7 8 0 0 0 0\n' +
    'eth0.7: 1 1 1 1 0 0 0 0 1 1 1 1 0 0 0 0\n'
  const figures = networkFigures(text)
  assert.equal(figures.netRxBytes, 18_446_744_073_709 + 1)
  assert.equal(figures.netTxDropped, 9)
})

test('whatever stands in a file, figures are non-negative numbers, and none throws', () => {
  const known = fc.constantFrom('user_usec', 'anon', 'Read', 'rbytes=-5', 'wbytes=7', 'eth0:', '254:0', '-3', 'NaN', '1e9')
  const word = fc.oneof(fc.string(), fc.nat().map(String), known)
  const text = fc.array(fc.array(word).map(words => words.join(' '))).map(lines => lines.join('\n'))
  fc.assert(fc.property(fc.constantFrom(...readers.keys()), text, (file, content) => {
    for (const value of Object.values(readers.get(file)!(content))) assert.ok(Number.isFinite(value) && value >= 0)
  }))
})
