import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { AwsV4Signer } from 'aws4fetch'
import { plainTransfer, type S3Options } from '../../../../src/model/transfer-options.ts'
import { startHttpClient } from '../../../../workers/fetch/http/http-client.ts'
import { probe } from '../../../../workers/fetch/probe.ts'
import { s3Credentials } from '../../../../workers/fetch/s3/credentials.ts'
import { s3Place } from '../../../../workers/fetch/s3/s3-place.ts'
import { s3Wanted } from '../../../../workers/fetch/s3/s3-wanted.ts'
import { sourceOf } from '../../../../workers/fetch/source.ts'
import { faultyFile } from './faulty-file.ts'
import { startFetchBench } from './fetch-bench.ts'
import { s3Store, signatureFault } from './s3-server.ts'
import { startWebServer } from './web-server.ts'

/** Of the documentation of Amazon S3, "Authenticating Requests: examples". */
const published = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', region: 'us-east-1' }
const datetime = '20130524T000000Z'
const nowMs = Date.UTC(2013, 4, 24)
const host = 'examplebucket.s3.amazonaws.com'
const empty = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

for (const [url, more, signature] of [
  ['/test.txt', { range: 'bytes=0-9' }, 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41'],
  ['/?lifecycle', {}, 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543'],
  ['/?max-keys=2&prefix=J', {}, '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7'],
] as const) {
  test(`the published signature of ${url} is what is made, and what the tests' store takes`, async () => {
    const headers = { ...more, 'x-amz-content-sha256': empty }
    const signer = new AwsV4Signer({ ...published, url: `https://${host}${url}`, headers, service: 's3', datetime, allHeaders: true })
    const { headers: signed } = await signer.sign()
    assert.ok(signed.get('authorization')?.endsWith(`Signature=${signature}`), signed.get('authorization') ?? '')
    const request = { method: 'GET', url, headers: { ...Object.fromEntries(signed), host } }
    assert.equal(signatureFault(request, published, nowMs), undefined)
    assert.equal(signatureFault({ ...request, url: `${url}x` }, published, nowMs), 'SignatureDoesNotMatch')
    assert.equal(signatureFault(request, published, nowMs + 3_600_000), 'RequestTimeTooSkewed')
  })
}

const keys = { accessKeyId: 'AKID', secretAccessKey: 'very/secret', sessionToken: 'to+ken', region: 'eu-north-1' }
const body = Buffer.from('content of an object')

function credentialsFile (folder: string, secret = keys.secretAccessKey): string {
  const path = join(folder, 'credentials')
  const own = `[default]\naws_access_key_id=AKID\n aws_secret_access_key = ${secret}\naws_session_token = to+ken\n`
  writeFileSync(path, `# mine\n[other]\naws_access_key_id = no\n\n${own}`)
  return path
}

const names = ['plain', 'deep/er/x', 'a b', 'ä€', 'a+b', 'p%25', 'q?s', 'h#h', "it's (1)!*", 'a=b&c', '~t']

test('objects come with a signature that the store verifies, whatever their keys are', async () => {
  using bench = startFetchBench()
  const objects = Object.fromEntries(names.map(name => [`/bucket/${name}`, faultyFile(Buffer.from(name), {}, []).page]))
  await using server = await startWebServer({ '*': s3Store(keys, objects) })
  const s3 = { endpoint: server.origin, region: keys.region, credentialsFile: credentialsFile(bench.outside) }
  const uris = names.map((name, at) => ({ value: `s3://bucket/${name.split('/').map(encodeURIComponent).join('/')}`, outputFile: `f${at}` }))
  await bench.fetch(uris, { transfer: { s3 } })
  assert.deepEqual(bench.contents(), Object.fromEntries(names.map((name, at) => [`f${at}`, Buffer.from(name).toString('latin1')])))
})

test('a cut object is gone on with, and refusals are told in the store\'s words, without a secret', async () => {
  using bench = startFetchBench()
  const file = faultyFile(body, { etag: '"e"' }, [{ cutAfter: 5 }])
  await using server = await startWebServer({ '*': s3Store(keys, { '/bucket/x': file.page }) })
  const s3 = { endpoint: server.origin, region: keys.region, credentialsFile: credentialsFile(bench.outside) }
  const transfer = { s3, retries: 2, retryDelayMs: 1 }
  await bench.fetch(['s3a://bucket/x'], { transfer })
  assert.deepEqual(file.asked, ['', 'bytes=5- "e"'])
  assert.deepEqual(bench.contents(), { x: String(body) })
  assert.equal(await bench.refused('FETCH_FAILED', ['s3://bucket/y'], { transfer }), 's3://bucket/y: 404 Not Found (NoSuchKey)')
  const wrong = { ...s3, credentialsFile: credentialsFile(bench.outside, 'guessed') }
  assert.equal(await bench.refused('FETCH_FAILED', ['s3://bucket/x'], { transfer: { s3: wrong } }), 's3://bucket/x: 403 Forbidden (SignatureDoesNotMatch)')
  assert.equal(await bench.refused('FETCH_FAILED', ['s3n://AKID:my%2Fsecret@bucket/x'], { transfer }), 's3n://bucket/x: 403 Forbidden (InvalidToken)')
})

test('an object can be asked for its size and ETag', async () => {
  using bench = startFetchBench()
  await using server = await startWebServer({ '*': s3Store(keys, { '/bucket/x': faultyFile(body, { etag: '"e"' }, []).page }) })
  const options = { ...plainTransfer, s3: { endpoint: server.origin, region: keys.region, credentialsFile: credentialsFile(bench.outside) } }
  using client = startHttpClient(options)
  const never = new AbortController().signal
  assert.deepEqual(await probe(sourceOf('s3://bucket/x', options), { client, stallMs: 5_000 }, never), { bytes: body.length, etag: '"e"', lastModified: undefined })
  await assert.rejects(probe(sourceOf('s3://bucket/y', options), { client, stallMs: 5_000 }, never), { code: 'FETCH_FAILED', message: '404 Not Found' })
})

test('credentials are of the file, else of the environment, else nobody\'s', () => {
  using bench = startFetchBench()
  const none: S3Options = { endpoint: undefined, region: 'r', credentialsFile: undefined }
  const env = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', AWS_SESSION_TOKEN: '' }
  assert.deepEqual(s3Credentials(none, env), { accessKeyId: 'a', secretAccessKey: 'b' })
  assert.equal(s3Credentials(none, { AWS_ACCESS_KEY_ID: 'a' }), undefined)
  const withFile = { ...none, credentialsFile: credentialsFile(bench.outside) }
  assert.equal(s3Credentials(withFile, env)?.accessKeyId, 'AKID')
  assert.throws(() => s3Credentials(withFile, { AWS_PROFILE: 'third' }), /--s3-credentials has no .* for the profile "third"/)
  assert.throws(() => s3Credentials({ ...none, credentialsFile: '/no/such' }, env), /--s3-credentials cannot be read: ENOENT/)
})

test('at Amazon\'s, the bucket is part of the host if it can be; redirects to other regions are signed for them, others not followed', async () => {
  const options: S3Options = { endpoint: undefined, region: 'eu-west-1', credentialsFile: undefined }
  const urlOf = (uri: string): string => s3Wanted(s3Place(new URL(uri), uri, plainTransfer), options, {}).url.href
  assert.equal(urlOf('s3://my-bucket/a/b c?versionId=v+1'), 'https://my-bucket.s3.eu-west-1.amazonaws.com/a/b%20c?versionId=v+1')
  assert.equal(urlOf('s3://my.bucket/x'), 'https://s3.eu-west-1.amazonaws.com/my.bucket/x')
  const env = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' }
  const { authorize } = s3Wanted(s3Place(new URL('s3://my-bucket/x'), '', plainTransfer), options, env)
  const there = await authorize?.(new URL('https://my-bucket.s3.us-west-2.amazonaws.com/x'), {}, 'GET')
  assert.match(there?.['authorization'] ?? '', /Credential=a\/\d{8}\/us-west-2\/s3\//)
  await assert.rejects(async () => await authorize?.(new URL('https://evil.example/x'), {}, 'GET'), /redirects to evil.example, which is not its own/)
  await assert.rejects(async () => await authorize?.(new URL('http://my-bucket.s3.us-west-2.amazonaws.com/x'), {}, 'GET'), /not its own/)
})
