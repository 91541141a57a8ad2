import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { checkLayers, type LayerReport } from './layers.ts'

/** From dist/test/style to the sources. */
const root = fileURLToPath(new URL('../../../', import.meta.url))

async function checkPlanted (files: Record<string, string>): Promise<LayerReport> {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-layers-'))
  try {
    for (const [path, text] of Object.entries({ 'workers/pull/entry.ts': 'export {}\n', ...files })) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    }
    return await checkLayers(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const nothing = 'export const nothing = 0\n'

test('every import of the product keeps to the floors', async () => {
  const { modules, violations } = await checkLayers(root)
  assert.ok(modules > 20, `only ${modules} modules were seen: the check itself is broken`)
  assert.deepEqual(violations, [])
})

const planted = {
  'an import from above': { 'src/base/planted.ts': 'import \'../engine/port.ts\'\n', 'src/engine/port.ts': nothing },
  'a type from above': {
    'src/model/planted.ts': 'import type { x } from \'../wire/x.ts\'\nexport type y = x\n',
    'src/wire/x.ts': 'export type x = 1\n',
  },
  'a neighbour on the same floor': { 'src/engine/planted.ts': 'import \'../pool/pool.ts\'\n', 'src/pool/pool.ts': nothing },
  'a worker that knows messages': { 'workers/pull/planted.ts': 'import \'../../src/wire/x.ts\'\n', 'src/wire/x.ts': nothing },
  'a command that knows the agent': { 'src/cli/planted.ts': 'void import(\'../agent/agent.ts\')\n', 'src/agent/agent.ts': nothing },
  'a package away from its home': {
    'src/agent/planted.ts': 'import \'dockerode\'\n',
    'node_modules/dockerode/package.json': '{ "name": "dockerode", "version": "1.0.0", "main": "index.js" }\n',
    'node_modules/dockerode/index.js': nothing,
  },
  'a circle': { 'src/base/planted.ts': 'import \'./b.ts\'\n', 'src/base/b.ts': 'import \'./planted.ts\'\n' },
  'an import that leads nowhere': { 'src/base/planted.ts': 'import \'./missing.ts\'\n' },
}

for (const [what, files] of Object.entries(planted)) {
  test(`the check of the floors finds ${what}`, async () => {
    const { violations } = await checkPlanted(files)
    assert.ok(violations.some(line => line.includes('planted.ts')), `it found ${JSON.stringify(violations)}`)
  })
}
