import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { version } from '../../src/model/version.ts'
import { pages } from '../support/docs/pages.ts'

for (const [name, text] of Object.entries(await pages())) {
  test(`docs/${name} says what the code says; npm run docs prints it anew`, () => {
    assert.equal(readFileSync(join('docs', name), 'utf8'), text)
  })
}

test('the version that the program tells is that of its package', () => {
  const { version: packaged } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
  assert.equal(version, packaged)
})
