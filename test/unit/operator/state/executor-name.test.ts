import assert from 'node:assert/strict'
import { test } from 'node:test'
import { executorName } from '../../../../src/operator/state/executor-name.ts'
import type { v1 } from '../../../../src/wire/messages.ts'

const names: ReadonlyArray<readonly [v1.CommandInfo | undefined, string]> = [
  [{ value: 'echo hello stdout' }, 'sh -c \'echo hello s...\''],
  [{ value: 'exactly 15 char' }, 'sh -c \'exactly 15 char\''],
  [{ shell: true }, 'NO COMMAND'],
  [undefined, 'NO COMMAND'],
  [{ shell: false }, 'NO EXECUTABLE'],
  [{ shell: false, value: 'ls', arguments: ['-l', '/'] }, '[ls, -l, /]'],
  [{ shell: false, value: 'program', arguments: ['with', 'words'] }, '[program, wit...]'],
]

for (const [command, expected] of names) {
  test(`the executor of ${JSON.stringify(command)} is told as ${expected}`, () => {
    const info: v1.TaskInfo = { name: 'n', task_id: { value: 't' }, agent_id: { value: 'a' }, command }
    assert.equal(executorName(info), `Command Executor (Task: t) (Command: ${expected})`)
  })
}
