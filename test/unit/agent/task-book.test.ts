import assert from 'node:assert/strict'
import { test } from 'node:test'
import { taskBook } from '../../../src/agent/task-book.ts'
import type { Task } from '../../../src/agent/task.ts'

const task = (taskId: string, containerId: string, frameworkId = 'f'): Task => ({ taskId, containerId, frameworkId }) as Task

test('a task is found until it is over, and can be looked at afterwards', () => {
  const book = taskBook()
  const one = task('t', 'c1')
  book.add(one)
  assert.equal(book.find('f', 't'), one)
  assert.equal(book.find('g', 't'), undefined)
  book.close(one)
  assert.equal(book.find('f', 't'), undefined)
  assert.deepEqual(book.open(), [])
  assert.equal(book.byContainer('c1'), one)
})

test('the end of an old task does not touch a new one of the same name', () => {
  const book = taskBook()
  const [first, second] = [task('t', 'c1'), task('t', 'c2')]
  book.add(first)
  book.add(second)
  book.close(first)
  assert.equal(book.find('f', 't'), second)
})

test('a framework\'s tasks are those that are not over', () => {
  const book = taskBook()
  const all = [task('a', 'c1'), task('b', 'c2'), task('c', 'c3', 'g')]
  for (const one of all) book.add(one)
  book.close(all[0] as Task)
  assert.deepEqual(book.ofFramework('f').map(({ taskId }) => taskId), ['b'])
})

test('of those that are over the newest 200 are kept, running ones always', () => {
  const book = taskBook()
  book.add(task('running', 'r'))
  for (let i = 0; i < 300; i++) {
    const one = task(`t${i}`, `c${i}`)
    book.add(one)
    book.close(one)
  }
  assert.equal([...book.all()].length, 201)
  assert.equal(book.byContainer('c99'), undefined)
  assert.equal(book.byContainer('c100')?.taskId, 't100')
  assert.equal(book.byContainer('r')?.taskId, 'running')
})
