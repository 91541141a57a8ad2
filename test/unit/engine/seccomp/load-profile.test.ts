import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { loadSeccompProfile } from '../../../../src/engine/seccomp/load-profile.ts'
import type { Profile } from '../../../../src/engine/seccomp/profile.ts'

const moby = new URL('../../../../../src/engine/seccomp/moby-20.10.24-seccomp.json', import.meta.url)
let folder: string
before(async () => { folder = await mkdtemp(join(tmpdir(), 'slipway-seccomp-')) })
after(async () => { await rm(folder, { recursive: true }) })

async function loadText (text: string): Promise<string | undefined> {
  const path = join(folder, 'profile.json')
  await writeFile(path, text)
  return await loadSeccompProfile(path)
}

test('by default the engine gives its own profile', async () => {
  assert.equal(await loadSeccompProfile('engine'), undefined)
})

test('the native profile allows nothing that the engine\'s own does not, and has one architecture for each machine', async () => {
  const theirs = JSON.parse(await readFile(moby, 'utf8')) as Profile
  const ours = JSON.parse(await loadSeccompProfile('native') ?? '') as Profile
  assert.deepEqual(ours.archMap, theirs.archMap?.map(({ architecture }) => ({ architecture })))
  assert.equal(ours.defaultAction, 'SCMP_ACT_ERRNO')
  const allows = ({ syscalls }: Profile): Set<string> => new Set(syscalls?.flatMap(({ names, action, includes, excludes }) =>
    (names ?? []).map(name => `${name} ${action} ${JSON.stringify(includes ?? {})} ${JSON.stringify(excludes ?? {})}`)))
  const missing = [...allows(theirs)].filter(rule => !allows(ours).has(rule)).map(rule => rule.split(' ')[0])
  assert.deepEqual(missing, ['io_uring_enter', 'io_uring_register', 'io_uring_setup'])
  assert.deepEqual([...allows(ours)].filter(rule => !allows(theirs).has(rule)), [])
  const withArguments = (profile: Profile): number => profile.syscalls?.filter(({ args }) => (args?.length ?? 0) > 0).length ?? 0
  assert.equal(withArguments(ours), withArguments(theirs) + 1)
  const socket = ours.syscalls?.filter(({ names }) => names?.includes('socket'))
  assert.deepEqual(socket, [{ names: ['socket'], action: 'SCMP_ACT_ALLOW', args: [{ index: 0, value: 40, op: 'SCMP_CMP_NE' }] }])
})

test('a file is passed on as it is written, but for space between its words', async () => {
  const text = '{ "defaultAction": "SCMP_ACT_ALLOW",\n\t"syscalls": [ { "names": ["ptrace"], "action": "SCMP_ACT_LOG", "comment": "a \\" b",'
    + ' "args": [{ "index": 0, "value": 18446744073709551615, "op": "SCMP_CMP_EQ" }] } ] }'
  assert.equal(await loadText(text), '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["ptrace"],"action":"SCMP_ACT_LOG","comment":"a \\" b",'
    + '"args":[{"index":0,"value":18446744073709551615,"op":"SCMP_CMP_EQ"}]}]}')
})

test('the engine\'s own profile is a file as well', async () => {
  assert.deepEqual(JSON.parse(await loadText(await readFile(moby, 'utf8')) ?? ''), JSON.parse(await readFile(moby, 'utf8')))
})

const rule = (more: object): string => JSON.stringify({ defaultAction: 'SCMP_ACT_ERRNO', syscalls: [{ names: ['read'], action: 'SCMP_ACT_ALLOW' }, more] })
const wrong: ReadonlyArray<readonly [text: string, told: RegExp]> = [
  ['', /JSON/],
  ['[]', /: expected a JSON object$/],
  ['{}', /: defaultAction: is missing$/],
  ['{"defaultAction":"ALLOW"}', /: defaultAction: expected one of SCMP_ACT_KILL, /],
  ['{"defaultAction":"SCMP_ACT_ERRNO","syscall":[]}', /: syscall: expected one of the fields defaultAction, /],
  ['{"defaultAction":"SCMP_ACT_ERRNO","architectures":["x86"]}', /: architectures\[0\]: expected an architecture, SCMP_ARCH_…$/],
  ['{"defaultAction":"SCMP_ACT_ERRNO","architectures":["SCMP_ARCH_X86"],"archMap":[{"architecture":"SCMP_ARCH_X86"}]}', /: architectures: expected either /],
  [rule({ action: 'SCMP_ACT_ALLOW' }), /: syscalls\[1\]: expected either names or name$/],
  [rule({ names: ['a'], name: 'b', action: 'SCMP_ACT_ALLOW' }), /: syscalls\[1\]: expected either names or name$/],
  [rule({ names: ['a'] }), /: syscalls\[1\]\.action: is missing$/],
  [rule({ names: [''], action: 'SCMP_ACT_ALLOW' }), /: syscalls\[1\]\.names\[0\]: expected a name$/],
  [rule({ names: 'a', action: 'SCMP_ACT_ALLOW' }), /: syscalls\[1\]\.names: expected a list$/],
  [rule({ names: ['a'], action: 'SCMP_ACT_ALLOW', args: [{ index: 6, op: 'SCMP_CMP_EQ' }] }), /: syscalls\[1\]\.args\[0\]\.index: expected a whole number from 0 to 5$/],
  [rule({ names: ['a'], action: 'SCMP_ACT_ALLOW', includes: { caps: ['SYS_ADMIN'] } }), /: syscalls\[1\]\.includes\.caps\[0\]: expected a capability, CAP_…$/],
  [rule({ names: ['a'], action: 'SCMP_ACT_ALLOW', excludes: { minKernel: '5' } }), /: syscalls\[1\]\.excludes\.minKernel: expected a version such as 4\.8$/],
  [rule({ names: ['a'], action: 'SCMP_ACT_ERRNO', errnoRet: -1 }), /: syscalls\[1\]\.errnoRet: expected a whole number from 0 to 4095$/],
]

for (const [text, told] of wrong) {
  test(`the file is refused: ${text.slice(0, 120)}`, async () => {
    await assert.rejects(loadText(text), ({ code, message }: Error & { code: string }) =>
      code === 'SETTING_INVALID' && message.startsWith(`seccompProfile: ${folder}/profile.json: `) && told.test(message))
  })
}

test('what is no file, or none that is there, is refused', async () => {
  await assert.rejects(loadSeccompProfile(folder), { code: 'SETTING_INVALID', message: `seccompProfile: ${folder}: expected a file` })
  await assert.rejects(loadSeccompProfile(join(folder, 'none')), { code: 'SETTING_INVALID', message: /^seccompProfile: .*none: ENOENT/ })
})
