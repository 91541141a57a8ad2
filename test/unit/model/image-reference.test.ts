import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { AgentError } from '../../../src/model/errors.ts'
import { fullName, parseImage } from '../../../src/model/image-reference.ts'

const digest = `sha256:${'0123456789abcdef'.repeat(4)}`

const good: ReadonlyArray<readonly [string, string, string]> = [
  ['busybox', 'busybox', 'latest'],
  ['busybox:1.36', 'busybox', '1.36'],
  ['library/busybox:1.36', 'library/busybox', '1.36'],
  ['registry:5000/app', 'registry:5000/app', 'latest'],
  ['127.0.0.1:5000/team/app:V1.2_x-y', '127.0.0.1:5000/team/app', 'V1.2_x-y'],
  ['Registry.Example.com/app', 'Registry.Example.com/app', 'latest'],
  ['[::1]:5000/app:3', '[::1]:5000/app', '3'],
  ['a_b__c.d---e', 'a_b__c.d---e', 'latest'],
  [`app@${digest}`, 'app', digest],
  [`registry:5000/app:3@${digest}`, 'registry:5000/app', digest],
]

for (const [image, repository, tag] of good) {
  test(`${image.slice(0, 40)} is an image name`, () => {
    assert.deepEqual(parseImage(image), { repository, tag })
  })
}

const bad = [
  '', ' ', 'App', 'registry:5000/App', 'app:', 'app@', 'app@sha256:abc', ':3', '/app', 'app/', 'a//b', 'a/../b', '../app', 'a..b',
  'a..b/c', 'a.-b/c', '-a', 'a-', 'a___b',
  'app:-1', `app:${'1'.repeat(129)}`, 'app:1:2', 'host:123456/app', 'http://host/app', 'app?x=1', 'app#x', 'app%2f', 'app tag', 'app\n', 'app\0', 'ä', 'a'.repeat(1024),
]

for (const image of bad) {
  test(`${JSON.stringify(image.slice(0, 40))} is no image name`, () => {
    assert.throws(() => parseImage(image), error => error instanceof AgentError && error.code === 'SPEC_INVALID' && error.detail['field'] === 'image')
  })
}

test('the spellings of one image have one full name, and a digest wins over a tag', () => {
  const nameOf = (image: string): string => fullName(parseImage(image))
  assert.equal(nameOf('app'), nameOf('app:latest'))
  assert.equal(nameOf('registry:5000/app'), 'registry:5000/app:latest')
  assert.equal(nameOf(`app:3@${digest}`), `app@${digest}`)
})

test('whatever passes is safe in the path of a URL, and is its own full name again', () => {
  const unit = fc.constantFrom(...'abzAZ09.._-:/@[]?#% \n\\%', 'sha256:', 'localhost', digest, '..', '/../')
  const text = fc.oneof(fc.string({ unit, maxLength: 30 }), fc.string())
  fc.assert(fc.property(text, image => {
    let name
    try { name = fullName(parseImage(image)) } catch (error) { assert.ok(error instanceof AgentError); return }
    assert.match(name, /^[\w.:/@[\]-]+$/)
    assert.equal(name.split('/').some(part => part === '' || part === '.' || part === '..'), false)
    assert.equal(fullName(parseImage(name)), name)
    const { pathname, search } = new URL(`http://engine/images/${name}/json`)
    assert.equal(pathname + search, `/images/${name}/json`)
  }), { numRuns: 2000 })
})

test('a long name of any shape is judged at once', () => {
  const startedAt = performance.now()
  for (const part of ['a-', 'a_', 'a/', 'a.', '-', 'A.', 'a:']) {
    assert.throws(() => parseImage(`${part.repeat(500)}!`), AgentError)
  }
  assert.ok(performance.now() - startedAt < 2_000)
})
