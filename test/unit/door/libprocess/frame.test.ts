import assert from 'node:assert/strict'
import { test } from 'node:test'
import { frame } from '../../../../src/door/libprocess/frame.ts'
import { parseUpid } from '../../../../src/door/libprocess/upid.ts'
import { bodyBytes, recordedWire, type WireLine } from '../../wire/recorded-wire.ts'

test('every recorded message is framed as its sender framed it, header for header', t => {
  let count = 0
  for (const wire of ['wire', 'wire-executor-v0'] as const) {
    for (const [name, line] of recordedWire(wire)) {
      if (!headerOf(line, 'User-Agent').startsWith('libprocess/')) continue
      const from = parseUpid(headerOf(line, 'Libprocess-From'))!
      const to = { id: line.request_path.split('/')[1]!, ip: '127.0.0.1', port: 1 }
      assert.equal(frame({ name: line.message, body: bodyBytes(line) }, { from, to }).toString('latin1'), asSent(line), name)
      count++
    }
  }
  t.diagnostic(`${count} messages`)
  assert.ok(count > 300)
})

function headerOf ({ headers }: WireLine, name: string): string {
  return headers.find(header => header[0] === name)?.[1] ?? ''
}

function asSent (line: WireLine): string {
  const head = [line.request_line, ...line.headers.map(([name, value]) => `${name}: ${value}`), '', ''].join('\r\n')
  const body = bodyBytes(line)
  if (line.chunk_sizes === null) return head
  assert.deepEqual(line.chunk_sizes, [body.length])
  return `${head}${body.length.toString(16)}\r\n${body.toString('latin1')}\r\n0\r\n\r\n`
}
