import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { choose } from '../../bench/choose.ts'
import { needsEngine } from '../support/requires.ts'

const { socket, skip } = needsEngine()

interface Row {
  readonly name: string
  readonly args: readonly string[]
}

/** Every load bench at a size that takes seconds: whether it works, not how fast anything is. */
const rows: readonly Row[] = [
  { name: 'raw', args: ['--count', '2', '--rounds', '1'] },
  { name: 'launch', args: ['--count', '3', '--rounds', '1', '--raw-at-once', '2', '--log-lines', '3'] },
  { name: 'launch', args: ['--count', '3', '--rounds', '1', '--raw-at-once', '2', '--rate', '5', '--network', 'bridge', '--docker', 'no'] },
  { name: 'launch', args: ['--count', '3', '--rounds', '1', '--raw-at-once', '1', '--concurrency', '1', '--network', 'none', '--docker', 'no'] },
  { name: 'kill-under-burst', args: ['--count', '6', '--rounds', '1', '--victims', '2'] },
  { name: 'density', args: ['--count', '11', '--every', '1', '--rest', '2'] },
  { name: 'recovery', args: ['--count', '2', '--every', '1'] },
  { name: 'logs', args: ['--count', '2', '--mb', '2', '--rounds', '1'] },
  { name: 'mixed', args: ['--minutes', '0.1', '--rate', '3', '--lifetime', '1'] },
]

for (const { name, args } of rows) {
  test(`bench ${name} ${args.join(' ')} works and leaves nothing behind`, { skip }, async (t: TestContext) => {
    const choice = choose([name, ...args])
    assert.ok('load' in choice, JSON.stringify(choice))
    const { rows: figures } = await choice.load.run({ socket, tell: line => { t.diagnostic(line) } }, choice.values)
    assert.ok(figures.length > 0)
    for (const figure of figures) {
      const values = [figure.value, figure.p50, figure.p99].filter(value => value !== undefined)
      assert.ok(values.length > 0 && values.every(Number.isFinite), `no figure: ${JSON.stringify(figure)}`)
    }
    assert.equal(figures.find(figure => figure.name === 'containers left')?.value ?? 0, 0)
  })
}
