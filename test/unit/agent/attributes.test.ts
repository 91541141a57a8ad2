import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseAttributes } from '../../../src/agent/attributes.ts'
import type { v1 } from '../../../src/wire/messages.ts'

const good: ReadonlyArray<readonly [string, v1.Attribute[]]> = [
  ['', []],
  [' ; ', []],
  ['rack:r1', [{ name: 'rack', type: 'TEXT', text: { value: 'r1' } }]],
  ['level:3', [{ name: 'level', type: 'SCALAR', scalar: { value: 3 } }]],
  ['level:-1.5', [{ name: 'level', type: 'SCALAR', scalar: { value: -1.5 } }]],
  ['slots:[1-4, 7-7]', [{ name: 'slots', type: 'RANGES', ranges: { range: [{ begin: 1, end: 4 }, { begin: 7, end: 7 }] } }]],
  [' a : b ;c:d', [{ name: 'a', type: 'TEXT', text: { value: 'b' } }, { name: 'c', type: 'TEXT', text: { value: 'd' } }]],
  ['url:http://host:80/', [{ name: 'url', type: 'TEXT', text: { value: 'http://host:80/' } }]],
  ['version:1.2.3', [{ name: 'version', type: 'TEXT', text: { value: '1.2.3' } }]],
]

for (const [text, attributes] of good) {
  test(`'${text}' is ${attributes.length === 0 ? 'nothing' : attributes.map(({ name, type }) => `${name}, ${type}`).join('; ')}`, () => {
    assert.deepEqual(parseAttributes(text), attributes)
  })
}

for (const text of ['rack', ':r1', 'rack:', 'a:b;c', 'slots:[1-']) {
  test(`'${text}' is refused`, () => {
    assert.throws(() => parseAttributes(text), { name: 'AgentError' })
  })
}
