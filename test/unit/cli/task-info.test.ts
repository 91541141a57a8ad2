import assert from 'node:assert/strict'
import { test } from 'node:test'
import { UsageError } from '../../../src/cli/report.ts'
import { taskFromOptions, type TaskOptions } from '../../../src/cli/task-info.ts'

const options: TaskOptions = { name: 'it', image: 'repo:5000/app:3', cpus: 0.5, mem: 64, net: 'host', shell: true }

function task (more: Partial<TaskOptions>, words: string[] = [], env = {}) {
  return taskFromOptions({ ...options, ...more }, words, env)
}

test('one word is a shell line, several are an exec form, none is the image\'s own command', () => {
  const command = (words: string[], shell = true) => {
    const { environment: _, ...rest } = task({ shell }, words).command ?? {}
    return rest
  }
  assert.deepEqual(command(['echo a; echo b']), { shell: true, value: 'echo a; echo b' })
  assert.deepEqual(command(['echo', 'a b', '-n']), { shell: false, value: 'echo', arguments: ['a b', '-n'] })
  assert.deepEqual(command([]), { shell: false })
  assert.deepEqual(command(['/bin/tool'], false), { shell: false, value: '/bin/tool', arguments: [] })
})

test('variables keep every = but the first, and a bare name is taken from here', () => {
  const { environment } = task({ env: ['A=1=2', 'B=', 'HERE'] }, [], { HERE: 'x' }).command ?? {}
  assert.deepEqual(environment?.variables, [{ name: 'A', value: '1=2' }, { name: 'B', value: '' }, { name: 'HERE', value: 'x' }])
  for (const env of ['=1', 'GONE', '']) assert.throws(() => task({ env: [env] }), UsageError)
})

test('labels and the priority become labels of the task', () => {
  assert.deepEqual(task({ label: ['team=a', 'bare'], priority: 0 }).labels?.labels, [
    { key: 'team', value: 'a' }, { key: 'bare', value: '' }, { key: 'slipway.priority', value: '0' },
  ])
})

test('a file comes by way of the agent\'s cache where that is written before it', () => {
  const uris = (...uri: string[]) => task({ uri }).command?.uris
  assert.deepEqual(uris('http://h/a', 'cache:http://h/b', 'cache:/c'), [{ value: 'http://h/a' }, { value: 'http://h/b', cache: true }, { value: '/c', cache: true }])
  for (const uri of ['cache:', 'cache:b', 'cache:cache:/c', 'a:/c', '']) assert.throws(() => uris(uri), UsageError)
})

test('networks in the words of the API; another word is the name of one', () => {
  assert.equal(task({ net: 'none' }).container?.docker?.network, 'NONE')
  assert.deepEqual(task({ net: 'weave' }).container?.network_infos, [{ name: 'weave' }])
  assert.throws(() => task({ net: 'container:x' }), UsageError)
})

test('a task without a name gets one of its own', () => {
  const { name: _, ...nameless } = options
  const [a, b] = [taskFromOptions(nameless, [], {}), taskFromOptions(nameless, [], {})]
  assert.match(a.task_id.value, /^run-[0-9a-f]{8}$/)
  assert.notEqual(a.task_id.value, b.task_id.value)
})
