import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { request } from 'undici'
import { decodeProtobuf } from '../../../../src/wire/protobuf.ts'
import { decodeRecords } from '../../../../src/wire/record-io.ts'
import { masterId, startSoloDoor, testToken, type SoloDoor } from '../../../support/solo-door.ts'
import type { scheduler } from '../../../../src/wire/messages.ts'

interface Line {
  note?: string, kind: string, connection?: string, method: string, path: string, headers: [string, string][], status: number,
  json?: scheduler.Event & { framework_id?: { value: string } }, body?: string | null,
}
interface Seen { status: number, headers: Record<string, unknown>, text: string, first: Buffer | undefined }

/** Tests run in the project's folder. */
const folder = new URL('test/golden/scheduler/', pathToFileURL(`${process.cwd()}/`))

function recording (name: string): Line[] {
  return readFileSync(new URL(`${name}.jsonl`, folder), 'utf8').trim().split('\n').map(line => JSON.parse(line) as Line)
}

/** Where this master answers otherwise on purpose. */
const differences: Record<string, { status: number, text: string, reason: string }> = {
  'type UNKNOWN (the real master aborts: failed check in its metrics; recorded in a separate run)': {
    status: 400, text: "Failed to validate scheduler::Call: Expecting 'type' to be present",
    reason: 'the recorded master dies of it; for this one a type that is not known is none',
  },
}

const recordedStreamId = '6c00621b-365f-41a0-9c7d-40522525ac2d'
const recordedFrameworkId = `${masterId}-0001`

test('every wrong call of the recording gets the recorded status and text', async t => {
  await using solo = await startSoloDoor('cpus:1;mem:64')
  await solo.client().subscribe({ user: 'root', name: 'first' })
  const caller = solo.client()
  await caller.subscribe({ user: 'root', name: 'caller' })
  assert.equal(caller.frameworkId, recordedFrameworkId)
  const lines = recording('errors')
  for (const [index, line] of lines.entries()) {
    if (line.kind !== 'request') continue
    const name = line.note ?? 'a call'
    await t.test(name, async () => {
      const seen = await replay(solo, line, caller.streamId)
      const expected = lines[index + 1]
      const event = lines[index + 2]?.kind === 'event' ? lines[index + 2] : undefined
      const difference = differences[name]
      assert.equal(seen.status, difference?.status ?? expected?.status)
      if (difference !== undefined) assert.equal(seen.text, difference.text)
      else if (event === undefined) assert.equal(seen.text, expected?.body ?? '')
      else checkEvent(event, seen)
      if (difference !== undefined) return
      for (const name of ['content-type', 'allow']) {
        assert.equal(seen.headers[name], expected?.headers.find(([header]) => header.toLowerCase() === name)?.[1])
      }
    })
  }
})

test('a call of type UNKNOWN is answered, not died of', async () => {
  await using solo = await startSoloDoor('cpus:1;mem:64')
  const client = solo.client()
  await client.subscribe({ user: 'root', name: 'x' })
  assert.equal((await client.call('UNKNOWN')).status, 400)
})

test('every invalid task of the recording gets the recorded update', async () => {
  await using solo = await startSoloDoor('ports:[31000-32000];cpus:64;mem:65536;disk:100000')
  const lines = recording('launch_validation')
  const client = solo.client()
  const info = (lines[0]?.json as unknown as scheduler.Call).subscribe?.framework_info
  await client.subscribe(info ?? {})
  for (const line of lines.filter(({ kind, connection }) => kind === 'request' && connection === 'calls')) {
    const call = line.json as unknown as scheduler.Call
    if (call.type !== 'ACCEPT') continue
    const bogus = call.accept?.offer_ids?.[0]?.value === 'bogus-offer'
    const offerIds = bogus ? [{ value: 'bogus-offer' }] : [(await client.nextOffer()).id]
    await client.call('ACCEPT', { accept: { ...call.accept, offer_ids: offerIds } })
  }
  const updates = lines.flatMap(({ json }) => json?.update === undefined ? [] : [json.update.status])
  assert.equal(updates.length, 12)
  for (const { timestamp: _recorded, ...expected } of updates) {
    const { timestamp, ...status } = await client.nextStatus()
    assert.deepEqual(status, expected)
    assert.ok(Math.abs((timestamp ?? 0) - Date.now() / 1000) < 60)
  }
  assert.equal(solo.agent.tasks.size, 0)
})

async function replay ({ url }: SoloDoor, line: Line, streamId: string): Promise<Seen> {
  const headers: Record<string, string> = { authorization: `Bearer ${testToken}` }
  for (const [name, value] of line.headers) {
    if (name !== 'Host' && name !== 'Content-Length') headers[name] = value === recordedStreamId ? streamId : value
  }
  const body = line.json === undefined ? Buffer.from(line.body ?? '', 'latin1') : JSON.stringify(line.json)
  const answer = await request(url + line.path, {
    method: line.method as 'POST', headers, body: line.method === 'GET' ? null : body, signal: AbortSignal.timeout(5000),
  })
  const { statusCode: status } = answer
  if (status !== 200) return { status, headers: answer.headers, text: await answer.body.text(), first: undefined }
  const records = decodeRecords(answer.body)
  const first = await records.next()
  await records.return(undefined)
  return { status: 200, headers: answer.headers, text: '', first: first.done === true ? undefined : first.value }
}

function checkEvent (recorded: Line, { first, headers }: Seen): void {
  assert.ok(first)
  if (headers['content-type'] === 'application/x-protobuf') assert.equal(decodeProtobuf('scheduler.Event', first).type, 'SUBSCRIBED')
  else assert.deepEqual(JSON.parse(first.toString()), recorded.json)
}
