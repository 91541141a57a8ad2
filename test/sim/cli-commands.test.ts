import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { ContainerReport } from '../../src/cli/container-report.ts'
import { slowImage, startCliGround, type CliGround } from '../support/cli-ground.ts'
import { eventually } from '../support/eventually.ts'

let ground: CliGround
before(async () => { ground = await startCliGround() })
after(() => ground[Symbol.asyncDispose]())

const asking = [['ps'], ['logs', 'web'], ['inspect', 'web'], ['kill', 'web'], ['events']]

async function reports (...words: string[]): Promise<ContainerReport[]> {
  const { stdout } = await ground.cli.run('ps', '--json', ...words)
  return (JSON.parse(stdout) as { containers: ContainerReport[] }).containers
}

async function running (task: string): Promise<void> {
  const isRunning = ({ task_id: id, state }: ContainerReport): boolean => id === task && state === 'running'
  await eventually(async () => (await reports()).some(isRunning), { withinMs: 20_000, reason: `${task} runs` })
}

test('a task is seen, read, looked at and killed by its name, from its launch to its end', async () => {
  const { cli } = ground
  const run = cli.start('run', '--image', 'busybox', '--name', 'web', '--', 'echo out; echo err >&2; sleep 100')
  await running('web')
  assert.match((await cli.run('ps')).stdout, /^TASK +NAME +FRAMEWORK +STATE +IMAGE +AGE +EXIT\nweb +web +slipway run web +running +busybox +\d+s +-\n$/)
  assert.deepEqual(await cli.run('logs', 'web'), { code: 0, signal: null, stdout: 'out\n', stderr: 'err\n' })
  const inspected = await cli.run('inspect', 'web')
  for (const part of [/state +running/, /container +[0-9a-f-]{36}/, /sandbox +\//, /\n {2}start +ok/]) assert.match(inspected.stdout, part)
  const { stdout } = await cli.run('inspect', 'web', '--json')
  const { container_id: id, stages } = JSON.parse(stdout) as ContainerReport
  assert.equal(stages.find(({ stage }) => stage === 'start')?.outcome, 'ok')

  const killed = JSON.parse((await cli.run('kill', id.slice(0, 13), '--json')).stdout) as Record<string, string>
  assert.deepEqual([killed['task_id'], killed['container_id']], ['web', id])
  const end = await run.ended
  assert.deepEqual([end.code, end.stdout], [143, 'out\n'])
  assert.match(end.stderr, /^err\nslipway: task web: TASK_KILLED/)
  await eventually(async () => (await reports()).length === 0)
  assert.match((await cli.run('ps', '-a')).stdout, /\nweb +web +slipway run web +killed +busybox +\d+s +143\n/)
  const again = await cli.run('kill', 'web')
  assert.equal(again.code, 1)
  assert.match(again.stderr, /task 'web' has ended: TASK_KILLED/)
  assert.equal((await cli.run('logs', 'web', '--stderr')).stderr, 'err\n')
})

test('logs are followed to the end, cut to their last lines, and told as JSON', async () => {
  const { cli } = ground
  const run = cli.start('run', '--image', 'busybox', '--name', 'talker', '--', 'seq 5; echo oops >&2; sleep 2; printf last')
  await running('talker')
  const [followed, tail, json] = await Promise.all([
    cli.run('logs', '-f', 'talker'), cli.run('logs', '-f', '--tail', '2', 'talker'), cli.run('logs', '-f', '--json', '--stdout', '--tail', '1', 'talker'),
  ])
  assert.deepEqual(followed, { code: 0, signal: null, stdout: '1\n2\n3\n4\n5\nlast', stderr: 'oops\n' })
  assert.deepEqual([tail.stdout, tail.stderr], ['4\n5\nlast', 'oops\n'])
  const lines = json.stdout.trimEnd().split('\n').map(line => JSON.parse(line) as unknown)
  assert.deepEqual(lines, [{ stream: 'stdout', text: '5' }, { stream: 'stdout', text: 'last' }])
  assert.equal((await run.ended).code, 0)
})

test('bytes come as they are', async () => {
  await ground.cli.run('run', '--image', 'busybox', '--name', 'zeros', '--', 'head -c 100000 /dev/zero')
  const { stdout } = await ground.cli.shell('slipway logs --stdout zeros | sha256sum')
  const { stdout: wanted } = await ground.cli.shell('head -c 100000 /dev/zero | sha256sum')
  assert.equal(stdout, wanted)
})

test('a launch that fails is told of with its stage, its cause and what to do, at once and later', async () => {
  const run = await ground.cli.run('run', '--image', 'registry.test/none:1', '--name', 'bad', '--', 'true')
  assert.equal(run.code, 125)
  assert.match(run.stderr, /pull failed: .*manifest unknown.*\n {2}IMAGE_NOT_FOUND: .*Check name and tag/)
  const { stdout } = await ground.cli.run('inspect', 'bad')
  for (const part of [/state +failed/, /stage +pull\n/, /cause +pull failed: .*manifest unknown/, /code +IMAGE_NOT_FOUND/, /what to do +.*Check name and tag/]) {
    assert.match(stdout, part)
  }
})

test('events are lines for people and JSON for programs', async () => {
  const { cli } = ground
  const [lines, json] = [cli.start('events'), cli.start('events', '--json')]
  // A listener may come in the middle of a task: it has been there from a start to an end when it tells of a start, and of an end after that.
  await eventually(async () => {
    await cli.run('run', '--image', 'busybox', '--name', 'short', '--', 'true')
    return [lines, json].every(one => /\bstart\b[^]*TASK_FINISHED/.test(one.output()))
  }, { withinMs: 40_000 })
  for (const one of [lines, json]) one.kill('SIGINT')
  assert.match((await lines.ended).stdout, /^\d\d:\d\d:\d\d\.\d{3} {2}stage +short {2}start ok, took .* ms/m)
  const { stdout, stderr, signal } = await json.ended
  assert.deepEqual([stderr, signal], ['', 'SIGINT'])
  const kinds = new Set(stdout.trimEnd().split('\n').map(line => (JSON.parse(line) as { type: string }).type))
  assert.deepEqual([...kinds].sort(), ['container', 'stage', 'task'])
})

test('--uri brings a file into the sandbox before the start', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-uri-'))
  try {
    await writeFile(join(folder, 'greeting.txt'), 'hello')
    const { code, stderr } = await ground.cli.run('run', '--image', 'busybox', '--name', 'fetched', '--uri', join(folder, 'greeting.txt'), '--', 'true')
    assert.equal(code, 0, stderr)
    const sandbox = (await reports('--all')).find(({ task_id: id }) => id === 'fetched')?.sandbox ?? ''
    assert.equal(await readFile(join(sandbox, 'greeting.txt'), 'utf8'), 'hello')
    const cached = await ground.cli.run('run', '--image', 'busybox', '--uri', `cache:${join(folder, 'greeting.txt')}`, '--', 'true')
    assert.equal(cached.code, 0, cached.stderr)
    assert.match((await ground.cli.run('cache', 'ls')).stdout, /greeting\.txt/)
    const relative = await ground.cli.run('run', '--image', 'busybox', '--uri', 'greeting.txt', '--', 'true')
    assert.equal(relative.code, 2)
    assert.match(relative.stderr, /--uri greeting\.txt: expected a URI/)
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('without a terminal nothing is coloured, and no progress is shown', async () => {
  const { cli } = ground
  const commands = [['ps', '-a'], ['inspect', 'bad'], ['run', '--image', slowImage, '--', 'echo hi']]
  const ended = await Promise.all(commands.map(words => cli.run(...words)))
  for (const { stdout, stderr } of ended) assert.doesNotMatch(stdout + stderr, /\x1b|\r/)
  assert.deepEqual(ended[2], { code: 0, signal: null, stdout: 'hi\n', stderr: '' })
})

test('a reader that goes away ends a command quietly', async () => {
  await ground.cli.run('run', '--image', 'busybox', '--name', 'long', '--', 'seq 100000')
  const lines = {
    'logs long': '1', 'logs -f long': '1', 'logs --json long': '{"stream":"stdout","text":"1"}', 'ps --all': /^TASK/, 'inspect long': / {2}task +long/,
    'events': /\d/, 'run --image busybox -- yes': 'y', '--help': /^Usage/,
  }
  const background = ground.cli.start('run', '--image', 'busybox', '--', 'sleep 2; echo enough for events')
  await Promise.all(Object.entries(lines).map(async ([words, first]) => {
    const { stdout, stderr } = await ground.cli.shell(`slipway ${words} | head -n 1; echo "\${PIPESTATUS[0]}"`)
    const [line = '', code] = stdout.split('\n')
    if (typeof first === 'string') assert.equal(line, first, words)
    else assert.match(line, first, words)
    assert.equal(stderr, '', words)
    assert.equal(code, words.startsWith('run') ? '143' : '0', words)
  }))
  await background.ended
  await ground.empty()
})

test('arguments that mean nothing end 2 and say what is wrong', async () => {
  const faults = [['ps', 'surplus'], ['ps', '--frob'], ['logs'], ['logs', 'web', '--tail', 'x'], ['logs', 'a', 'b'], ['inspect'],
    ['kill'], ['kill', 'a', '--grace', '5'], ['events', 'x'], ['completion'], ['completion', 'csh'], ['run', '--net', 'weave'], ['run'], ['ps', '--master', 'ftp://x']]
  for (const { code, stdout, stderr } of await Promise.all(faults.map(words => ground.cli.run(...words)))) {
    assert.deepEqual([code, stdout], [2, ''], stderr)
    assert.match(stderr, /\nTry `slipway \w+ --help`\./)
  }
})

test('a name that no task has ends 1', async () => {
  for (const { code, stdout, stderr } of await Promise.all([['logs'], ['inspect'], ['kill']].map(words => ground.cli.run(...words, 'nope')))) {
    assert.deepEqual([code, stdout], [1, ''])
    assert.match(stderr, /no task 'nope'\n {2}NOT_FOUND: .*ps --all/)
  }
})

test('a token that is wrong or missing ends 1, and the token is not repeated', async () => {
  for (const [token, words] of [['mistaken', /refuses the token/], [undefined, /wants a token and none was found/]] as const) {
    const cli = ground.cli.with({ SLIPWAY_TOKEN: token })
    for (const { code, stdout, stderr } of await Promise.all(asking.map(words => cli.run(...words)))) {
      assert.deepEqual([code, stdout], [1, ''])
      assert.match(stderr, words)
      assert.match(stderr, /UNAUTHORIZED: .*SLIPWAY_TOKEN or --token-file/)
      assert.doesNotMatch(stderr, /mistaken/)
    }
  }
})

test('where no agent answers a command ends 1 and says how to start one', async () => {
  const cli = ground.cli.with({ SLIPWAY_MASTER: 'http://127.0.0.1:1' })
  for (const { code, stdout, stderr } of await Promise.all(asking.map(words => cli.run(...words)))) {
    assert.deepEqual([code, stdout], [1, ''])
    assert.match(stderr, /no answer from http:\/\/127\.0\.0\.1:1 \(ECONNREFUSED\)\n {2}AGENT_UNREACHABLE: .*`slipway agent`/)
  }
})

test('a detached task goes on without its command, is acknowledged for, and is forgotten with its framework when it is over', async () => {
  const { cli, agent, empty } = ground
  assert.deepEqual(await cli.run('run', '--detach', '--image', 'busybox', '--name', 'left', '--', 'echo here; sleep 100'), {
    code: 0, signal: null, stdout: 'left\n', stderr: '',
  })
  await running('left')
  await eventually(async () => { assert.equal((await cli.run('logs', 'left')).stdout, 'here\n') })
  await eventually(async () => { assert.equal(await agent.metric('slipway_status_updates_pending'), 0) })
  assert.equal((await cli.run('kill', 'left', '--grace', '0s')).code, 0)
  await empty()
  await eventually(async () => {
    assert.equal(await agent.metric('slipway_status_updates_pending'), 0)
    const { frameworks } = JSON.parse((await agent.get('/state')).text) as { frameworks: Array<{ name: string }> }
    assert.ok(frameworks.every(({ name }) => name !== 'slipway-cli'))
  })
})

test('a detached task that cannot be launched is told as any other', async () => {
  const { cli } = ground
  const { code, stderr } = await cli.run('run', '--detach', '--image', 'registry.test/none:1', '--', 'true')
  assert.equal(code, 125)
  assert.match(stderr, /pull failed/)
})
