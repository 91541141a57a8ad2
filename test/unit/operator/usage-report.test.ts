import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { containersEntry, monitorEntry, statsEntry } from '../../../src/operator/usage-report.ts'
import { taskOf } from './tasks.ts'

type Json = Record<string, unknown>

function recorded (name: string): Json {
  const { response: { json } } = JSON.parse(readFileSync(`test/golden/agent-http/running/${name}.json`, 'utf8')) as { response: { json: [Json] } }
  return json[0]
}

const usage = { timestamp: 1795333657.25, cpuUserSeconds: 0.01, cpuSystemSeconds: 0, memRssBytes: 53248, memLimitBytes: 64 << 20 }

for (const [name, entry] of [['monitor_statistics', monitorEntry], ['containers', containersEntry]] as const) {
  test(`an entry of ${name} has the fields of a Mesos agent's`, () => {
    const ours = entry(taskOf(), usage) as Json
    const theirs = recorded(name)
    assert.deepEqual(Object.keys(ours).sort(), Object.keys(theirs).sort())
    const fields = (of: Json): string[] => Object.keys(of['statistics'] as Json).sort()
    assert.deepEqual(fields(ours), fields(theirs))
    assert.deepEqual((ours['statistics'] as Json)['mem_limit_bytes'], 67108864)
  })
}

test('a container that could not be read is told without statistics', () => {
  assert.ok(!('statistics' in containersEntry(taskOf(), undefined)))
})

test('our own statistics have every figure, under names of one kind', () => {
  const { usage: told, cpus } = statsEntry(taskOf(), { ...usage, blkioReadBytes: 7 }) as { usage: Json, cpus: number }
  assert.deepEqual([told['blkio_read_bytes'], told['cpu_user_seconds'], cpus], [7, 0.01, 1])
})
