import assert from 'node:assert/strict'
import { once } from 'node:events'
import { appendFileSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs'
import { get, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { taskBook } from '../../../src/agent/task-book.ts'
import type { TaskRunner } from '../../../src/agent/task-runner.ts'
import type { Task } from '../../../src/agent/task.ts'
import { silentLog } from '../../../src/base/log.ts'
import { startDoor } from '../../../src/door/start-door.ts'
import { containerRoutes } from '../../../src/operator/container-routes.ts'
import { eventually } from '../../support/eventually.ts'
import { taskOf } from './tasks.ts'
import { makeSandbox } from '../../../workers/logs/make-sandbox.ts'

interface Routes { readonly url: string, readonly killed: unknown[] }

/** The routes over these tasks, on a door of their own. */
async function startRoutes (t: TestContext, tasks: Task[]): Promise<Routes> {
  const book = taskBook()
  for (const task of tasks) book.add(task)
  const killed: unknown[] = []
  const runner = { book, kill: (...words: unknown[]) => { killed.push(words); return true } } as unknown as TaskRunner
  const door = await startDoor({
    ip: '127.0.0.1', port: 0, token: undefined, openPaths: [], log: silentLog,
    routes: app => { containerRoutes(app, { tasks: runner, pullOf: () => undefined, log: silentLog }) },
  })
  door.ready = true
  t.after(() => door.close())
  return { url: door.url, killed }
}

async function taskWithLog (t: TestContext): Promise<Task> {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-routes-'))
  t.after(() => { rmSync(folder, { recursive: true, force: true }) })
  const task = taskOf()
  const { stdout, stderr } = makeSandbox(join(folder, 'run'))
  task.container.logFiles = { stdout: { ...stdout, start: 0, older: [] }, stderr: { ...stderr, start: 0, older: [] } }
  return task
}

async function ask (url: string, init?: RequestInit): Promise<{ status: number, text: string }> {
  const answer = await fetch(url, init)
  return { status: answer.status, text: await answer.text() }
}

const kill = (url: string, body: object): ReturnType<typeof ask> => ask(`${url}/slipway/v1/kill`, { method: 'POST', body: JSON.stringify(body) })

test('containers are listed, and told one by one', async t => {
  const { url } = await startRoutes(t, [taskOf('t1', 'f1', 'c1'), taskOf('t2', 'f1', 'c2')])
  const { containers } = JSON.parse((await ask(`${url}/slipway/v1/containers`)).text) as { containers: Array<{ task_id: string }> }
  assert.deepEqual(containers.map(({ task_id: id }) => id), ['t1', 't2'])
  assert.match((await ask(`${url}/slipway/v1/containers/c2`)).text, /"task_id":"t2"/)
  assert.equal((await ask(`${url}/slipway/v1/containers/c3`)).status, 404)
})

test('a log that follows ends with the container\'s output', async t => {
  const task = await taskWithLog(t)
  const { url } = await startRoutes(t, [task])
  const path = task.container.logFiles?.stderr.path ?? ''
  appendFileSync(path, 'early ')
  const answer = ask(`${url}/slipway/v1/logs/c1?stream=stderr&follow=true&offset=2`)
  appendFileSync(path, 'late')
  task.container.piped.resolve()
  assert.deepEqual(await answer, { status: 200, text: 'rly late' })
})

test('a log without a sandbox is NOT_FOUND, a bad query is told by its parameter', async t => {
  const { url } = await startRoutes(t, [taskOf()])
  assert.equal((await ask(`${url}/slipway/v1/logs/c1`)).status, 404)
  const { status, text } = await ask(`${url}/slipway/v1/logs/c1?offset=x`)
  assert.equal(status, 400)
  assert.match(text, /offset must be a number of bytes/)
})

test('a client that leaves a quiet log is let go: the file is closed', async t => {
  const task = await taskWithLog(t)
  const { url } = await startRoutes(t, [task])
  const { path } = task.container.logFiles?.stdout ?? { path: '' }
  const openCount = (): number => readdirSync('/proc/self/fd').filter(fd => {
    try { return readlinkSync(`/proc/self/fd/${fd}`) === path } catch { return false }
  }).length
  appendFileSync(path, 'x')
  const request = get(`${url}/slipway/v1/logs/c1?follow=true`)
  const [response] = await once(request, 'response') as [IncomingMessage]
  await once(response, 'data')
  assert.equal(openCount(), 1)
  response.destroy()
  await eventually(() => openCount() === 0, { withinMs: 3_000, reason: 'the end of the follower' })
})

test('the list is filtered by task, framework and state', async t => {
  const { url } = await startRoutes(t, [taskOf('t1', 'f1', 'c1'), taskOf('t1', 'f2', 'c2'), taskOf('t2', 'f1', 'c3')])
  const idsOf = async (query: string): Promise<string[]> => {
    const { containers } = JSON.parse((await ask(`${url}/slipway/v1/containers?${query}`)).text) as { containers: Array<{ container_id: string }> }
    return containers.map(({ container_id: id }) => id)
  }
  assert.deepEqual(await idsOf('task=t1'), ['c1', 'c2'])
  assert.deepEqual(await idsOf('task=t1&framework=f2'), ['c2'])
  assert.deepEqual(await idsOf('state=queued'), ['c1', 'c2', 'c3'])
  assert.deepEqual(await idsOf('state=TASK_STAGING&framework=f1'), ['c1', 'c3'])
  assert.deepEqual(await idsOf('state=running'), [])
  assert.equal((await ask(`${url}/slipway/v1/containers?state=rnning`)).status, 400)
})

test('a task\'s id stands for its newest container, unless frameworks share it', async t => {
  const { url } = await startRoutes(t, [taskOf('t1', 'f1', 'c1'), taskOf('t1', 'f1', 'c2'), taskOf('t2', 'f1', 'c3'), taskOf('t2', 'f2', 'c4')])
  assert.match((await ask(`${url}/slipway/v1/containers/t1`)).text, /"container_id":"c2"/)
  assert.equal((await ask(`${url}/slipway/v1/containers/t2`)).status, 409)
  assert.match((await ask(`${url}/slipway/v1/containers/t2?framework=f1`)).text, /"container_id":"c3"/)
})

test('the last lines of a log come with the offset at which they begin', async t => {
  const task = await taskWithLog(t)
  const { url } = await startRoutes(t, [task])
  appendFileSync(task.container.logFiles?.stdout.path ?? '', 'one\ntwo\nthree')
  const answer = await fetch(`${url}/slipway/v1/logs/t1?tail=2`)
  assert.equal(answer.headers.get('slipway-log-offset'), '4')
  assert.equal(await answer.text(), 'two\nthree')
  assert.equal((await ask(`${url}/slipway/v1/logs/t1?offset=4&length=3`)).text, 'two')
})

test('a kill goes to the one task of that name', async t => {
  const { url, killed } = await startRoutes(t, [taskOf('t1', 'f1', 'c1'), taskOf('t2', 'f1', 'c2')])
  const { status, text } = await kill(url, { task_id: 't2', grace_seconds: 1 })
  assert.equal(status, 202)
  assert.deepEqual(JSON.parse(text), { task_id: 't2', framework_id: 'f1', container_id: 'c2' })
  assert.deepEqual(killed, [['f1', 't2', { grace_period: { nanoseconds: 1e9 } }]])
})

test('a name that two frameworks use is AMBIGUOUS, until the framework is named', async t => {
  const { url, killed } = await startRoutes(t, [taskOf('t', 'f1', 'c1'), taskOf('t', 'f2', 'c2')])
  const { status, text } = await kill(url, { task_id: 't' })
  assert.equal(status, 409)
  assert.match(text, /f1, f2/)
  assert.equal((await kill(url, { task_id: 't', framework_id: 'f2' })).status, 202)
  assert.equal((await kill(url, { task_id: 'none' })).status, 404)
  assert.deepEqual(killed, [['f2', 't', undefined]])
})
