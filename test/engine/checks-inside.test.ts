import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { engineGround } from '../support/engine-ground.ts'
import { eventually } from '../support/eventually.ts'
import { needsPrograms } from '../support/requires.ts'

const ground = engineGround()
const { image } = ground
const skip = ground.skip || (process.getuid?.() === 0 ? needsPrograms('nsenter', 'bash').skip : 'it takes root to enter a namespace')
const quick = { delay_seconds: 0, interval_seconds: 0.2, timeout_seconds: 5, grace_period_seconds: 60, consecutive_failures: 2 }
const serve = (address: string): string => `mkdir /tmp/www; echo fine > /tmp/www/health; httpd -f -p ${address}:8080 -h /tmp/www`
const targets = { TCP: { tcp: { port: 8080 } }, HTTP: { http: { port: 8080, path: '/health' } } } as const

const isHealthy = (id: string): Promise<boolean> =>
  eventually(() => ground.framework.statuses.get(id)?.some(({ healthy }) => healthy === true) ?? false, { withinMs: 60_000, reason: `the health of ${id}` })

const helpers = (): Promise<number> => ground.agent.metric('slipway_check_helpers')

for (const network of ['NONE', 'BRIDGE'] as const) {
  for (const kind of ['TCP', 'HTTP'] as const) {
    test(`a ${kind} check reaches a service on the loopback of a container on ${network}, and one that answers no more is killed`, { skip }, async () => {
      const shell = `(${serve('127.0.0.1')}) & while ! test -e $MESOS_SANDBOX/stop; do sleep 0.1; done; kill $!; sleep 100`
      const info = { health_check: { type: kind, ...targets[kind], ...quick } } as const
      const [id = ''] = await ground.framework.launch({ image, network, shell, graceMs: 100, info })
      await isHealthy(id)
      await writeFile(ground.inSandbox(id, 'stop'), '')
      const end = await ground.framework.end(id)
      assert.deepEqual([end.state, end.healthy], ['TASK_KILLED', false])
      const onAddress = network === 'NONE' ? '' : 'connect ECONNREFUSED [^1]?1[\\d.:]+; '
      assert.match(end.message ?? '', new RegExp(`2 times in a row: (${onAddress})?connect ECONNREFUSED 127.0.0.1:8080 in the container`))
      await eventually(async () => await helpers() === 0, { reason: 'the end of the helpers' })
    })
  }
}

test('a check asks on the container\'s own loopback, not on that of another or of the host', { skip }, async () => {
  const check = { type: 'TCP', ...targets.TCP, ...quick } as const
  const impatient = { ...check, grace_period_seconds: 0 }
  const [there = ''] = await ground.framework.launch({ image, network: 'NONE', shell: serve('127.0.0.1'), graceMs: 100, info: { health_check: check } })
  const [none = ''] = await ground.framework.launch({ image, network: 'NONE', shell: 'sleep 100', graceMs: 100, info: { health_check: impatient } })
  assert.match((await ground.framework.end(none)).message ?? '', /ECONNREFUSED 127\.0\.0\.1:8080 in the container/)
  await isHealthy(there)
  assert.equal(await helpers(), 1)
  await ground.framework.kill(there)
  await ground.framework.end(there)
  assert.equal(await helpers(), 0)
})
