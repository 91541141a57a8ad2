import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

/** From dist/test/style to the sources. */
const root = fileURLToPath(new URL('../../../', import.meta.url))
const always = ['node_modules/eslint/bin/eslint.js', '--config', 'test/style/eslint.config.mjs', '--max-warnings', '0']
/** On a machine that does much else besides it takes minutes. */
const timeoutMs = 400_000

function lint (...args: string[]): { status: number | null, report: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...always, ...args], { cwd: root, encoding: 'utf8', timeout: timeoutMs })
  return { status, report: `${stdout}${stderr}` }
}

test('every file keeps to the rules of test/style/eslint.config.mjs', () => {
  // The cache looks at one file at a time and overlooks what a change of types does to other files: CI goes without.
  const cache = process.env['CI'] === undefined ? ['--cache', '--cache-location', 'dist/.eslintcache', '--cache-strategy', 'content'] : []
  const { status, report } = lint(...cache, '.')
  assert.equal(status, 0, report)
})

test('lint finds a promise that nobody waits for', () => {
  const { status, report } = lint('--no-ignore', 'test/style/fixtures/floating-promise.ts')
  assert.equal(status, 1, report)
  assert.match(report, /no-floating-promises/)
})

const unfinished = new RegExp([/\b(TO-DO|FIX-ME)\b/.source.replaceAll('-', ''), /\b(test|it|describe|suite)\.(only|skip)\b/.source].join('|'))

test('no file is unfinished, and no test is left out for good', () => {
  const folders = ['src', 'workers', 'bench', 'test', 'proto', 'docs']
  const paths = [...folders.flatMap(filesUnder), 'setup.mjs', 'package.json'].filter(path => /\.(ts|mjs|proto|md|json)$/.test(path))
  assert.ok(paths.length > 20, 'the files are seen')
  assert.deepEqual(paths.filter(path => unfinished.test(readFileSync(join(root, path), 'utf8'))), [])
})

function filesUnder (folder: string): string[] {
  const entries = readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
  return entries.filter(entry => entry.isFile()).map(entry => relative(root, join(entry.parentPath, entry.name)))
}
