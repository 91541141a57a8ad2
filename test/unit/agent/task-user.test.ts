import assert from 'node:assert/strict'
import { test } from 'node:test'
import { userOf } from '../../../src/agent/task-user.ts'
import { policy } from './task-infos.ts'

const strict = { ...policy, allowUsers: ['app', '1000:1000'] }

test('an operator may say which users tasks may ask for, by command and by parameter', () => {
  assert.deepEqual(userOf({ user: 'app' }, undefined, strict), { user: 'app' })
  assert.deepEqual(userOf({ user: 'app' }, '1000:1000', strict), { user: '1000:1000' })
  assert.deepEqual(userOf({}, undefined, strict), {})
  assert.throws(() => userOf({ user: 'root' }, undefined, strict), {
    code: 'NOT_ALLOWED', message: 'command.user: the user root is not allowed; --allow-users would allow it',
  })
  for (const user of ['0', 'app:docker', '1000']) assert.throws(() => userOf({}, user, strict), { code: 'NOT_ALLOWED' })
})

test('a user that is passed over is not judged', () => {
  assert.deepEqual(userOf({ user: 'root' }, undefined, { ...strict, dockerUser: false }), {})
})
