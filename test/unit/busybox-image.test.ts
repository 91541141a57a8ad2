import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { busyboxTar, findStaticBusybox, isStaticElf } from '../../src/busybox-image.ts'
import { readFileSync } from 'node:fs'

test('a program with an interpreter is not static, nor is what is no program', async () => {
  assert.equal(isStaticElf(readFileSync(process.execPath)), false)
  assert.equal(isStaticElf(Buffer.from('#!/bin/sh\n'.repeat(20))), false)
  assert.equal(isStaticElf(Buffer.alloc(0)), false)
  assert.equal(await findStaticBusybox(['/not/there', process.execPath]), undefined)
})

test('the image is a root file system with a shell', async t => {
  const path = await findStaticBusybox()
  if (path === undefined) return t.skip('there is no static busybox here')
  const chunks: Buffer[] = []
  for await (const chunk of await busyboxTar(path) as AsyncIterable<Buffer>) chunks.push(chunk)
  const listing = execFileSync('tar', ['-tvf', '-'], { input: Buffer.concat(chunks), encoding: 'utf8' })
  assert.match(listing, /^-rwxr-xr-x 0\/0 +\d+ .* bin\/busybox$/m)
  assert.match(listing, /bin\/sh -> busybox$/m)
  assert.match(listing, /bin\/\[ -> busybox$/m)
})
