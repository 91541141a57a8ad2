import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { rows, settingNames } from '../../src/model/settings.ts'
import { otherFlags } from '../support/docs/mesos-flags.ts'
import { figureNotes } from '../support/docs/mesos-figure-notes.ts'

const recorded = (name: string): Record<string, unknown> => {
  return (JSON.parse(readFileSync(`test/golden/agent-http/running/${name}.json`, 'utf8')) as { response: { json: Record<string, unknown> } }).response.json
}

test('every flag that a Mesos agent tells is a setting here, or told of in docs/MESOS.md', () => {
  const told = new Set([...settingNames.map(name => rows[name].mesos), ...otherFlags.flatMap(([names]) => names)])
  assert.deepEqual(Object.keys(recorded('flags')['flags'] as object).filter(name => !told.has(name)), [])
})

test('no flag is told of twice', () => {
  const names = otherFlags.flatMap(([list]) => list)
  assert.deepEqual(names.filter((name, at) => names.indexOf(name) !== at), [])
})

test('every figure that a Mesos agent tells is told of in docs/MESOS.md, and none besides', () => {
  const told = figureNotes.flatMap(([names]) => names)
  assert.deepEqual(told.toSorted(), Object.keys(recorded('metrics_snapshot')).sort())
})
