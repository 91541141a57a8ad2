import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { test } from 'node:test'

const workers = new URL('../../../workers/', import.meta.url)

for (const folder of readdirSync(workers, { withFileTypes: true }).filter(entry => entry.isDirectory()).map(({ name }) => name)) {
  test(`the entry of ${folder} serves jobs, and answers when it is asked whether it still turns`, async () => {
    const entry = await import(new URL(`${folder}/entry.js`, workers).href) as Record<string, unknown>
    const { ping, ...jobs } = entry
    assert.equal(typeof ping, 'function')
    assert.equal((ping as () => unknown)(), true)
    assert.ok(Object.keys(jobs).length > 0)
    for (const job of Object.values(jobs)) assert.equal(typeof job, 'function')
  })
}
