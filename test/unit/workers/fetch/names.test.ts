import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AgentError } from '../../../../src/model/errors.ts'
import { plainTransfer } from '../../../../src/model/transfer-options.ts'
import { shownUri } from '../../../../src/model/uri.ts'
import { amount } from '../../../../workers/fetch/amount.ts'
import { planFetch, type Item } from '../../../../workers/fetch/plan.ts'
import { fullUri, type UriLike } from './fetch-bench.ts'

function planned (uri: UriLike): Item | undefined {
  return planFetch([fullUri(uri)], plainTransfer)[0]
}

function targetOf (uri: UriLike): string {
  return planned(uri)?.target ?? ''
}

function refusal (...uris: UriLike[]): string {
  try {
    planFetch(uris.map(fullUri), plainTransfer)
  } catch (error) {
    assert.ok(error instanceof AgentError)
    return `${error.code} ${error.message}`
  }
  return assert.fail('it was planned')
}

for (const [uri, target] of [
  ['http://h/a/b.txt', 'b.txt'],
  ['HTTPS://h:8443/a/b.txt?x=/c', 'b.txt'],
  ['http://h/a%20b%25', 'a b%'],
  ['http://h/100%.txt', '100%.txt'],
  ['http://h/%C3%A4', 'ä'],
  ['http://h/a/../b', 'b'],
  ['/plain/100%25.txt', '100%25.txt'],
  ['file:///x/a%20b', 'a b'],
  [{ value: 'http://h/', outputFile: 'x/./y' }, 'x/y'],
  [{ value: 'http://h/x', outputFile: 'sub/stdout' }, 'sub/stdout'],
] as const) test(`${JSON.stringify(uri)} goes to ${target}`, () => { assert.equal(targetOf(uri), target) })

for (const [uri, said] of [
  ['http://h', /SPEC_INVALID http:\/\/h\/: its name "" names no file/],
  ['http://h/dir/', /SPEC_INVALID .* names no file/],
  ['http://h/a%2fb', /SPEC_INVALID .* encoded slash/],
  ['http://h/..%2fb', /SPEC_INVALID .* encoded slash/],
  ['http://h/a%00b', /SPEC_INVALID .* has a NUL/],
  ['/x/..', /SPEC_INVALID .* leads out of the sandbox/],
  ['/x/.', /SPEC_INVALID .* names no file/],
  ['http://h/stdout', /SPEC_INVALID .* its name "stdout" is reserved/],
  [{ value: 'http://h/x', outputFile: 'stderr' }, /SPEC_INVALID .* its output_file "stderr" is reserved/],
  [{ value: 'http://h/x', outputFile: './stdout/x' }, /is reserved/],
  [{ value: 'http://h/x', outputFile: '.slipway-fetch-1/x' }, /is reserved/],
  [{ value: 'http://h/x', outputFile: '/etc/passwd' }, /SPEC_INVALID .* is absolute/],
  [{ value: 'http://h/x', outputFile: 'a/../../b' }, /SPEC_INVALID .* leads out of the sandbox/],
  [{ value: 'http://h/x', outputFile: 'a/' }, /SPEC_INVALID .* names no file/],
  [{ value: 'http://h/x', outputFile: '' }, /SPEC_INVALID .* names no file/],
  ['', /SPEC_INVALID a URI is empty/],
  ['relative/x', /NOT_SUPPORTED relative\/x: a relative path needs --frameworks-home/],
  ['GOPHER://u:p@h/x', /NOT_SUPPORTED gopher:\/\/h\/x: the scheme gopher is not supported/],
  ['hdfs://u:p@h/x', /NOT_SUPPORTED hdfs:\/\/h\/x: the scheme hdfs is not supported here; see --hadoop-schemes and --web-hdfs/],
  ['S3:///x', /SPEC_INVALID .*has no name of a bucket/],
  ['s3://bucket/', /SPEC_INVALID .*names no/],
  ['s3://bucket/a?b', /SPEC_INVALID .*may have versionId after its \?/],
  ['webhdfs:///x', /SPEC_INVALID .*has no host/],
  ['http://h/x#sha256=12', /SPEC_INVALID http:\/\/h\/x: its #sha256= is not 64 hexadecimal digits/],
  ['http://u:p/w@h/x', /SPEC_INVALID http:\/\/…: not a URI/],
  ['file://other/x', /SPEC_INVALID .*a file of this host/],
] as const) test(`${JSON.stringify(uri)} is refused before anything is fetched`, () => { assert.match(refusal(uri), said) })

test('two URIs cannot go to the same place, nor one into another', () => {
  assert.match(refusal('http://h/a', 'http://h/b', 'http://g/a'), /SPEC_INVALID two URIs go to the same file "a"/)
  assert.match(refusal('http://h/a', { value: 'http://h/x', outputFile: './a' }), /the same file "a"/)
  assert.match(refusal({ value: 'http://h/x', outputFile: 'a/b/c' }, 'http://h/a'), /goes to the file "a", another below it/)
})

for (const [suffix, format] of [
  ['.tar', 'tar'], ['.tgz', 'tar'], ['.tar.gz', 'tar'], ['.tbz2', 'tar'], ['.tar.bz2', 'tar'], ['.txz', 'tar'], ['.tar.xz', 'tar'], ['.tar.zst', 'tar'],
  ['.zip', 'zip'], ['.gz', 'single'], ['.bz2', 'single'], ['.xz', 'single'], ['.zst', 'single'], ['.jar', undefined], ['.txt', undefined],
] as const) {
  test(`${suffix} is extracted ${format === undefined ? 'never' : `as ${format}, unless that is not wanted`}`, () => {
    const value = `http://h/x${suffix}`
    assert.equal(planned(value)?.format, format)
    assert.equal(planned({ value: 'http://h/x', outputFile: `y${suffix}` })?.format, format)
    assert.equal(planned({ value, extract: false })?.format, undefined)
    assert.equal(planned({ value, executable: true })?.format, undefined)
    assert.equal(targetOf(value), `x${suffix}`)
  })
}

test('a compressed file without a name of its own cannot be unpacked', () => {
  assert.match(refusal('http://h/.gz'), /SPEC_INVALID .*unpacked, its name "" names no file/)
  assert.match(refusal('http://h/stdout.xz'), /SPEC_INVALID .*unpacked, its name "stdout" is reserved/)
  assert.equal(targetOf({ value: 'http://h/.gz', extract: false }), '.gz')
})

test('what is logged of a URI holds no user, password, query or fragment', () => {
  assert.equal(shownUri('https://me:secret@h:1/a%20b?token=secret#secret'), 'https://h:1/a%20b')
  assert.equal(shownUri('s3://key:secret@bucket/x?secret'), 's3://bucket/x')
  assert.equal(shownUri('http://me:sec/ret@h/x'), 'http://…')
  assert.equal(shownUri('/plain/a?b#c@d\n'), '/plain/a?b#c@d?')
  assert.equal(shownUri(`/${'x'.repeat(5_000)}`).length, 301)
})

test('an amount is told in the unit of the larger', () => {
  assert.deepEqual([amount(12e6, 40e6), amount(100, 40e6), amount(1_250_000, 2_990_000), amount(0, 9), amount(5_000, undefined), amount(12e9, 40e9)],
    ['12 of 40 MB', '0 of 40 MB', '1.2 of 2.9 MB', '0 of 9 bytes', '5 kB', '12 of 40 GB'])
})
