import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { printJson } from '../../../src/wire/json.ts'

test('fields come in the order of declaration, whatever the order they were set in', () => {
  const status = { state: 'TASK_RUNNING', task_id: { value: 't' }, message: 'm' } as const
  assert.equal(printJson('v1.TaskStatus', status), '{"task_id":{"value":"t"},"state":"TASK_RUNNING","message":"m"}')
})

test('defaults of the .proto files are printed, those of deprecated fields are not, and empty lists neither', () => {
  assert.equal(printJson('v1.CommandInfo', { uris: [] }), '{"shell":true}')
  assert.equal(printJson('v1.ContainerInfo.DockerInfo', { image: 'i' }), '{"image":"i","network":"HOST","privileged":false}')
  assert.equal(printJson('v1.Resource', { name: 'cpus', type: 'SCALAR' }), '{"name":"cpus","type":"SCALAR"}')
  assert.equal(printJson('v1.FrameworkInfo', { user: 'u', name: 'n' }), '{"user":"u","name":"n","failover_timeout":0.0,"checkpoint":false}')
})

test('doubles always have a fraction or an exponent', () => {
  const cases: Array<[number, string]> = [[15, '15.0'], [0.1, '0.1'], [-0, '-0.0'], [1e21, '1e21'], [1e20, '100000000000000000000.0'],
    [1.5e300, '1.5e300'], [1e-7, '1e-7'], [1795334033.019911, '1795334033.019911'], [Infinity, '"Infinity"'], [NaN, '"NaN"']]
  for (const [value, text] of cases) assert.equal(printJson('v1.Value.Scalar', { value }), `{"value":${text}}`)
})

test('64-bit numbers are printed as numbers, to the last digit', () => {
  assert.equal(printJson('v1.Value.Range', { begin: 2n ** 64n - 1n, end: 7 }), '{"begin":18446744073709551615,"end":7}')
})

test('control characters are printed with capital digits', () => {
  assert.equal(printJson('v1.TaskID', { value: 'a\u001b\\u001b\n"' }), '{"value":"a\\u001B\\\\u001b\\n\\""}')
})

test('any text is printed so that it reads back the same', () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 0x10ffff })), points => {
    const value = String.fromCodePoint(...points)
    assert.deepEqual(JSON.parse(printJson('v1.TaskID', { value })), { value })
  }))
})
