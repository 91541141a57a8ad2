import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { ensureBusybox } from '../support/images.ts'
import { needsEngine } from '../support/requires.ts'
import { startTestAgent, type TestAgent } from '../support/test-agent.ts'
import type { TestFramework } from '../support/test-framework.ts'
import { calls, writeProgram } from '../support/tiny-program.ts'

const { socket, skip } = needsEngine()
const skipProgram = skip !== false ? skip : process.arch === 'x64' ? false : 'its programs are for x86-64'
const unshareUsers = calls.native(272, 0x10000000)
const mkdirOfNothing = calls.native(83, 0)
const getpid32 = calls.of32Bit(20, 0)
const eperm = 1
const efault = 14
const sigsys = 128 + 31

let image: string
let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-seccomp-'))
  if (skip === false) image = await ensureBusybox(socket)
})
after(async () => { await rm(folder, { recursive: true }) })

type With = (framework: TestFramework, agent: TestAgent) => Promise<void>

async function withProfile (seccompProfile: string, use: With, settings = {}): Promise<void> {
  await using agent = await startTestAgent(socket, { seccompProfile, allowPrivileged: 'true', ...settings })
  await use(await agent.subscribe(), agent)
}

/** The exit code of a program of these instructions, as its shell saw it. */
async function exitCode (framework: TestFramework, code: readonly number[], parameters: Array<{ key: string, value: string }> = []): Promise<number> {
  const info = { container: { type: 'DOCKER', docker: { image, network: 'NONE', parameters } } } as const
  const { state, message = '' } = await framework.run({ shell: `${writeProgram('/tmp/p', code)}; /tmp/p`, info })
  assert.ok(state === 'TASK_FINISHED' || state === 'TASK_FAILED')
  return Number(/Container exited with status (\d+)/.exec(message)?.[1])
}

test('with the engine\'s profile a 32-bit system call works', { skip: skipProgram }, async () => {
  await withProfile('engine', async framework => {
    assert.equal(await exitCode(framework, getpid32), 0)
    assert.equal(await exitCode(framework, unshareUsers), eperm)
  })
})

test('with the native profile 64-bit programs run, and a 32-bit system call ends the process', { skip: skipProgram }, async () => {
  await withProfile('native', async framework => {
    assert.equal(await exitCode(framework, getpid32), sigsys)
    assert.equal(await exitCode(framework, mkdirOfNothing), efault)
    assert.equal(await exitCode(framework, unshareUsers), eperm)
    const [id = ''] = await framework.launch({ image, shell: 'test $(grep -c "^Seccomp:.2" /proc/self/status) = 1 && seq 3 | sort -r | head -n 1 | grep -q 3' })
    assert.equal((await framework.end(id)).state, 'TASK_FINISHED')
  })
})

test('a task that was granted another profile has that, and needs leave for it', { skip: skipProgram }, async () => {
  const unconfined = [{ key: 'security-opt', value: 'seccomp=unconfined' }]
  await withProfile('native', async framework => {
    assert.equal(await exitCode(framework, getpid32, unconfined), 0)
    assert.equal(await exitCode(framework, getpid32, [{ key: 'security-opt', value: 'no-new-privileges' }]), sigsys)
  }, { allowSecurityOptions: 'true' })
  await withProfile('native', async framework => {
    const info = { container: { type: 'DOCKER', docker: { image, network: 'NONE', parameters: unconfined } } } as const
    const { state, message } = await framework.run({ shell: 'true', info })
    assert.equal(state, 'TASK_ERROR')
    assert.match(message ?? '', /--allow-security-options would allow it/)
  })
})

test('a profile of the operator\'s is in force, and is not in the status of a task', { skip: skipProgram }, async () => {
  const path = join(folder, 'own.json')
  const rule = { names: ['mkdir'], action: 'SCMP_ACT_ERRNO', errnoRet: 77 }
  await writeFile(path, JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: [rule] }))
  await withProfile(path, async framework => {
    assert.equal(await exitCode(framework, mkdirOfNothing), 77)
    const [id = ''] = await framework.launch({ image, shell: 'exec sleep 1000', network: 'NONE' })
    const { data = '' } = await framework.until(id, 'TASK_RUNNING')
    assert.match(Buffer.from(data as string, 'base64').toString(), /"SecurityOpt":\["seccomp=\(a profile\)"\]/)
    await framework.kill(id, 0)
    await framework.end(id)
  })
})

test('an agent whose profile is wrong does not start, and names the field', { skip }, async () => {
  const path = join(folder, 'wrong.json')
  await writeFile(path, '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir"],"action":"DENY"}]}')
  await assert.rejects(startTestAgent(socket, { seccompProfile: path }), { code: 'SETTING_INVALID', message: /^seccompProfile: .*syscalls\[0\]\.action: expected one of/ })
})
