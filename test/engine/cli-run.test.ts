import assert from 'node:assert/strict'
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Cli, noTerminal } from '../support/cli-process.ts'
import { askEngine, callEngine } from '../support/engine-api.ts'
import { eventually } from '../support/eventually.ts'
import { ensureBusybox } from '../support/images.ts'
import { nothingLeft } from '../support/nothing-left.ts'
import { needsEngine } from '../support/requires.ts'
import { startTestAgent, type TestAgent } from '../support/test-agent.ts'

const { socket, skip } = needsEngine()
const network = `slipway-test-cli-${process.pid}`
let agent: TestAgent
let cli: Cli
let image: string
let folder: string

before(async () => {
  if (skip !== false) return
  image = await ensureBusybox(socket)
  folder = await realpath(await mkdtemp(join(tmpdir(), 'slipway-cli-run-')))
  await writeFile(join(folder, 'greeting'), 'hello\n')
  await askEngine(socket, 'POST /networks/create', { body: { Name: network, Driver: 'bridge' } })
  agent = await startTestAgent(socket, { allowHostPaths: folder, allowNetworks: 'host,bridge,none,*' })
  cli = new Cli({ SLIPWAY_MASTER: agent.url, SLIPWAY_TOKEN: agent.token })
})

after(async () => {
  if (skip !== false) return
  await nothingLeft(socket, agent.instanceId)
  await agent[Symbol.asyncDispose]()
  await callEngine(socket, `DELETE /networks/${network}`)
  await rm(folder, { recursive: true, force: true })
})

const run = (...words: string[]): ReturnType<Cli['run']> => cli.run('run', '--image', image, ...words)

async function answerOf (port: number): Promise<string> {
  const pipe = createConnection({ host: '127.0.0.1', port, timeout: 2_000 })
  pipe.on('timeout', () => { pipe.destroy(new Error('no answer')) })
  let text = ''
  for await (const chunk of pipe) text += String(chunk)
  return text
}

test('run mounts what -v names, sets what -e names, and ends with the exit code', { skip }, async () => {
  const words = ['-v', `${folder}:/data`, '-v', `${folder}:/same:ro`, '-e', 'WHO=a "b" $c', '-e', 'EMPTY=']
  const script = 'cat /data/greeting; touch /same/x 2>/dev/null || echo read-only; echo "$WHO.$EMPTY."; echo oops >&2; exit 3'
  const { code, stdout, stderr } = await run(...words, '--', script)
  assert.deepEqual([code, stdout], [3, 'hello\nread-only\na "b" $c..\n'])
  assert.match(stderr, /^oops\n/)
})

test('run publishes what -p names, and takes the next port of the offer where it names none', { skip }, async () => {
  const task = cli.start('run', '--image', image, '--name', 'web', '--net', 'bridge', '-p', '31400:80', '-p', '81', '--',
    'echo $PORT0 $PORT1 $PORTS; while true; do echo hi | nc -l -p 80; done')
  await task.said(/31400 \d+ 31400,\d+\n/)
  assert.match(task.output(), /^31400 (\d+) 31400,\1$/m)
  await eventually(async () => { assert.equal(await answerOf(31400), 'hi\n') })
  task.kill('SIGINT')
  // A shell as the first process of a container does not hear SIGTERM: it took the SIGKILL after it.
  assert.equal((await task.ended).code, 137)
})

test('run puts a task on the host\'s network, on none, and on one of the engine\'s by its name', { skip }, async () => {
  const interfaces = 'cat /proc/net/dev | tail -n +3 | wc -l'
  assert.equal((await run('--net', 'none', '--', interfaces)).stdout.trim(), '1')
  assert.ok(Number((await run('--net', 'host', '--', interfaces)).stdout) > 1)
  const { stdout, code } = await run('--net', network, '--', 'ip -4 addr show eth0')
  assert.equal(code, 0)
  const { IPAM: { Config: [subnet] } } = await askEngine<{ IPAM: { Config: Array<{ Subnet: string }> } }>(socket, `GET /networks/${network}`)
  assert.ok(stdout.includes(` ${subnet?.Subnet.split('.').slice(0, 2).join('.')}.`), `${stdout} is not of ${subnet?.Subnet}`)
})

test('run says what cannot be: a path that is not allowed, a port that is not there', { skip }, async () => {
  const refused = await run('-v', '/etc:/host:ro', '--', 'true')
  assert.equal(refused.code, 125)
  assert.match(refused.stderr, /container\.volumes\[0\].*--allow-host-paths would allow it/)
})

test('stats is a table that is drawn again, as wide as its terminal', { skip: skip || noTerminal() }, async () => {
  const busy = cli.start('run', '--image', image, '--name', 'busy', '--cpus', '0.5', '--mem', '64', '--', 'while :; do :; done')
  await eventually(async () => (await cli.run('stats', '--json')).stdout.includes('"busy"'), { withinMs: 20_000, everyMs: 200 })
  const table = cli.terminal('stats', 'busy')
  await eventually(() => table.output().split('\x1b[H').length > 4, { withinMs: 20_000 })
  const screen = table.output().split('\x1b[H\x1b[J').at(-2) ?? ''
  const [head = '', row = ''] = screen.replace(/\x1b\[\d+m/g, '').split('\r\n')
  assert.match(head, /^TASK +CPU +CPUS +/)
  assert.match(row, /^busy +\d\.\d/)
  for (const line of [head, row]) assert.ok(line.length <= 100, line)
  busy.kill('SIGINT')
  await busy.ended
  // It ends with the task.
  assert.equal((await table.ended).code, 0)
})
