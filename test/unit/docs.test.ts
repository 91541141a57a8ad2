import assert from 'node:assert/strict'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { test } from 'node:test'
import { version } from '../../src/model/version.ts'
import { pages } from '../support/docs/pages.ts'

for (const [name, text] of Object.entries(await pages())) {
  test(`docs/${name} says what the code says; npm run docs prints it anew`, () => {
    assert.equal(readFileSync(join('docs', name), 'utf8'), text)
  })
}

const written = ['README.md', 'docs/PERFORMANCE.md', 'docs/ARCHITECTURE.md', 'docs/API.md', 'docs/MESOS.md', 'proto/README.md']
  .concat(readdirSync('docs/decisions').map(name => `docs/decisions/${name}`))

const folders = ['src', 'workers', 'bench', 'test']
const sources = new Set(folders.flatMap(folder => readdirSync(folder, { recursive: true, encoding: 'utf8' })).map(path => basename(path)))

/** Paths in code type, links to files, and bare names of source files that are nowhere. */
function * namedIn (document: string): Generator<string> {
  const text = readFileSync(document, 'utf8')
  for (const [, path = ''] of text.matchAll(/`((?:src|workers|test|proto|docs)\/[\w./-]*)`/g)) yield path
  for (const [, name = ''] of text.matchAll(/`([\w-]+\.ts)`/g)) if (!sources.has(name)) yield name
  for (const [, link = ''] of text.matchAll(/\]\((?!https?:)([^)#]+)\)/g)) yield join(dirname(document), link)
}

for (const document of written) {
  test(`the files that ${document} names are there`, () => {
    assert.deepEqual([...namedIn(document)].filter(path => !existsSync(path)), [])
  })
}

test('the version that the program tells is that of its package', () => {
  const { version: packaged } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
  assert.equal(version, packaged)
})
