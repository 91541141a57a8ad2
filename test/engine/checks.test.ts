import assert from 'node:assert/strict'
import { test } from 'node:test'
import { engineGround } from '../support/engine-ground.ts'
import { eventually } from '../support/eventually.ts'

const ground = engineGround()
const { skip, image } = ground
const quick = { delay_seconds: 0, interval_seconds: 0.2, timeout_seconds: 2, grace_period_seconds: 10 }
const serve = 'mkdir /tmp/www; echo fine > /tmp/www/health; exec httpd -f -p 8080 -h /tmp/www'

const isHealthy = (id: string): Promise<boolean> =>
  eventually(() => ground.framework.statuses.get(id)?.some(({ healthy }) => healthy === true) ?? false, { withinMs: 20_000, reason: 'its health' })

test('a container that allocates past its limit is FAILED for its memory, with the limit', { skip }, async t => {
  const end = await ground.framework.run({ image, mem: 32, shell: 'x=a; while true; do x=$x$x; done' })
  t.diagnostic(end.message ?? '')
  assert.deepEqual([end.state, end.reason, end.source], ['TASK_FAILED', 'REASON_CONTAINER_LIMITATION_MEMORY', 'SOURCE_AGENT'])
  assert.match(end.message ?? '', /limit of 32 MB\. Container exited with status 137 \(SIGKILL\)$/)
  assert.equal(end.limitation?.resources?.[0]?.scalar?.value, 32)
})

for (const [kind, target] of [['TCP', { tcp: { port: 8080 } }], ['HTTP', { http: { port: 8080, path: '/health' } }]] as const) {
  test(`a ${kind} check reaches a container on its bridge address, and one that answers no more is killed`, { skip }, async () => {
    const stopsLater = `(${serve}) & sleep 3; kill $!; sleep 100`
    const check = { type: kind, ...target, consecutive_failures: 2, ...quick } as const
    const [id = ''] = await ground.framework.launch({ image, network: 'BRIDGE', shell: stopsLater, graceMs: 100, info: { health_check: check } })
    await isHealthy(id)
    const end = await ground.framework.end(id)
    assert.deepEqual([end.state, end.healthy], ['TASK_KILLED', false])
    assert.match(end.message ?? '', /its health check failed 2 times in a row: connect ECONNREFUSED 1/)
  })
}

test('a COMMAND check runs in the container', { skip }, async () => {
  const check = { type: 'COMMAND', command: { value: 'test -e /tmp/fine' }, consecutive_failures: 2, ...quick } as const
  const shell = 'sleep 1; touch /tmp/fine; sleep 2; rm /tmp/fine; sleep 100'
  const [id = ''] = await ground.framework.launch({ image, network: 'NONE', shell, graceMs: 100, info: { health_check: check } })
  await isHealthy(id)
  assert.match((await ground.framework.end(id)).message ?? '', /failed 2 times in a row: the command exited with status 1$/)
})

test('a command that takes too long is ended in its container', { skip }, async () => {
  const check = { type: 'COMMAND', command: { command: { value: 'sleep 4242' } }, delay_seconds: 0, interval_seconds: 1000, timeout_seconds: 2 } as const
  const isThere = 'ps | grep -q "[s]leep 4242"'
  const shell = `sleep 1; ${isThere} || exit 8; for turn in $(seq 100); do ${isThere} || exit 0; sleep 0.1; done; exit 7`
  assert.equal((await ground.framework.run({ image, shell, info: { check } })).message, 'Container exited with status 0')
})

test('a container is killed at its max_completion_time', { skip }, async () => {
  const end = await ground.framework.run({ image, shell: 'sleep 100', graceMs: 60_000, info: { max_completion_time: { nanoseconds: 1e9 } } })
  assert.deepEqual([end.state, end.reason], ['TASK_FAILED', 'REASON_MAX_COMPLETION_TIME_REACHED'])
})
