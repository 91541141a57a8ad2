import assert from 'node:assert/strict'
import { test } from 'node:test'
import { operatorVariables } from '../../../src/agent/executors/operator-variables.ts'
import { executorVariables, parseVariables } from '../../../src/model/executor-variables-setting.ts'

test('variables of executors are a JSON object, which is shown to nobody, or a path', () => {
  const json = '{"TOKEN": "hunter2"}'
  assert.equal(executorVariables.parse(` ${json} `), json)
  assert.equal(executorVariables.parse('file:///etc/v.json'), '/etc/v.json')
  assert.deepEqual(parseVariables(json), { TOKEN: 'hunter2' })
  assert.deepEqual([executorVariables.redact?.(json), executorVariables.redact?.('/etc/v.json')], ['(hidden)', '/etc/v.json'])
})

const wrong = [
  '{"A": "hunter2"', '["hunter2"]', '"hunter2"', '{"A": 1}', '{"A": {"B": "hunter2"}}', '{"": "hunter2"}', '{"A=B": "hunter2"}', '{"A": "hunter2\\u0000"}',
]
for (const text of wrong) {
  test(`${text} is refused, and no value is told`, () => {
    assert.throws(() => executorVariables.parse(text), ({ message }: Error) => message.startsWith('expected ') && !message.includes('hunter2'))
  })
}

test('a file of variables that is not there keeps the agent from starting, and is named', async () => {
  await assert.rejects(operatorVariables('/not/there.json'), { code: 'SETTING_INVALID', message: /executorEnvironmentVariables: \/not\/there.json: ENOENT/ })
  assert.deepEqual(await operatorVariables(), {})
})
