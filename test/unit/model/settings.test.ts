import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { AgentError } from '../../../src/model/errors.ts'
import { resolveSettings, type SettingSources } from '../../../src/model/resolve-settings.ts'
import { bytes, count, flag, parseDuration, path, socketPath } from '../../../src/model/setting-types.ts'
import { envOf, flagOf, rows, settingNames } from '../../../src/model/settings.ts'

const env = {}
const surroundings = { env, isRoot: true, homeDir: '/home/me', hostname: 'here' }

function resolve (sources: Partial<SettingSources>, moreEnv: Record<string, string> = {}) {
  return resolveSettings({ flags: {}, surroundings: { ...surroundings, env: moreEnv }, ...sources })
}

test('without a word the defaults hold, and they cannot be changed', () => {
  const config = resolve({})
  assert.equal(config.workDir, '/var/lib/slipway')
  assert.equal(config.port, 5051)
  assert.equal(config.authenticate, true)
  assert.equal(config.launchTimeout, 30 * 60 * 1000)
  assert.equal(config.logMaxSize, 10 * 2 ** 20)
  assert.equal(config.resources, undefined)
  assert.equal(config.hostname, 'here')
  assert.ok(Object.isFrozen(config))
})

test('defaults look at the surroundings', () => {
  const config = resolve({ surroundings: { ...surroundings, isRoot: false, env: { DOCKER_HOST: 'unix:///run/user/1/docker.sock' } } })
  assert.equal(config.workDir, '/home/me/.local/state/slipway')
  assert.equal(config.dockerSocket, '/run/user/1/docker.sock')
  assert.equal(resolve({}, { DOCKER_HOST: 'tcp://elsewhere:2375' }).dockerSocket, '/var/run/docker.sock')
  assert.equal(resolve({ surroundings: { ...surroundings, isRoot: false, env: { XDG_STATE_HOME: '/state' } } }).workDir, '/state/slipway')
})

test('a docker config is a path or JSON, and JSON is shown to nobody', () => {
  const secret = 'aHVudGVyMg=='
  const json = JSON.stringify({ auths: { 'r.example': { auth: secret } } })
  assert.equal(resolve({ flags: { docker_config: json } }).dockerConfig, json)
  assert.equal(resolve({ flags: { dockerConfig: 'file:///etc/docker.json' } }).dockerConfig, '/etc/docker.json')
  const { redact } = rows.dockerConfig.type
  assert.deepEqual([redact?.(json), redact?.('/etc/docker.json'), redact?.({})], ['(hidden)', '/etc/docker.json', '(hidden)'])
  const content = { dockerConfig: { auths: { 'r.example': { auth: secret } } } }
  for (const sources of [{ flags: { dockerConfig: `${json}}` } }, { flags: { dockerConfig: `["${secret}"]` } }, { flags: {}, file: { name: 'f', content } }]) {
    assert.throws(() => resolve(sources), ({ message }: Error) => message.startsWith('dockerConfig: ') && !message.includes(secret))
  }
})

test('flag wins over environment over file over default; an empty variable is none', () => {
  const file = { name: 'f.json', content: { port: 4 } }
  assert.equal(resolve({ flags: { port: '1' }, file }, { SLIPWAY_PORT: '2', MESOS_PORT: '3' }).port, 1)
  assert.equal(resolve({ file }, { SLIPWAY_PORT: '2', MESOS_PORT: '3' }).port, 2)
  assert.equal(resolve({ file }, { SLIPWAY_PORT: '', MESOS_PORT: '3' }).port, 3)
  assert.equal(resolve({ file }, { SLIPWAY_PORT: '' }).port, 4)
})

test('names of a Mesos agent are understood, ours win', () => {
  const config = resolve({ flags: { work_dir: '/m', docker_stop_timeout: '7secs', logging_level: 'WARNING' } }, { MESOS_HOSTNAME: 'm' })
  assert.equal(config.workDir, '/m')
  assert.equal(config.dockerStopTimeout, 7000)
  assert.equal(config.logLevel, 'warn')
  assert.equal(config.hostname, 'm')
  assert.equal(resolve({ flags: { workDir: '/ours', work_dir: '/m' } }).workDir, '/ours')
})

test('all faults are told at once, each with its source', () => {
  const file = { name: 'f.json', content: { createConcurrency: 0, nonsense: 1, ip: ['x'] } }
  const env = { SLIPWAY_PULL_TIMEOUT: '5', MESOS_WORK_DIR: '/w' }
  assert.throws(() => resolve({ flags: { port: '70000' }, file }, env), (error: unknown) => {
    assert.ok(error instanceof AgentError)
    assert.equal(error.code, 'SETTING_INVALID')
    assert.deepEqual(error.message.split('\n'), [
      'nonsense: no such setting (file f.json)',
      'ip: expected a text, a number or a boolean, not ["x"] (file f.json)',
      'port: expected a whole number from 0 to 65535, not "70000" (flag --port)',
      'pullTimeout: expected a time with its unit, such as 500ms, 5s, 10m or 1h, not "5" (environment SLIPWAY_PULL_TIMEOUT)',
      'createConcurrency: expected a whole number from 1 to 1024, not 0 (file f.json)',
    ])
    return true
  })
})

test('a config file that is no object of settings is a fault', () => {
  for (const content of [[], null, 'x', 3]) assert.throws(() => resolve({ file: { name: 'f', content } }), { code: 'SETTING_INVALID' })
  assert.throws(() => resolve({ file: { name: 'f', content: JSON.parse('{"__proto__":{"port":1}}') } }), /__proto__: no such setting/)
})

test('every default is a value of its own type, and no two settings share a flag or variable', () => {
  for (const name of settingNames) {
    const { type, default: otherwise } = rows[name]
    const written = typeof otherwise === 'function' ? otherwise(surroundings) : otherwise
    if (written !== undefined) assert.doesNotThrow(() => type.parse(written), name)
  }
  assert.equal(new Set(settingNames.map(flagOf)).size, settingNames.length)
  assert.equal(new Set(settingNames.map(envOf)).size, settingNames.length)
  assert.equal(flagOf('pullStallTimeout'), '--pull-stall-timeout')
  assert.equal(envOf('pullStallTimeout'), 'SLIPWAY_PULL_STALL_TIMEOUT')
})

test('times carry a unit, ours or that of Mesos, and are never longer than a timer can wait', () => {
  const seconds = { '500ms': 0.5, '5s': 5, '1.5s': 1.5, '5secs': 5, '10mins': 600, '1hrs': 3600, '2d': 172_800, '1weeks': 604_800 }
  for (const [written, value] of Object.entries(seconds)) assert.equal(parseDuration(written), value * 1000, written)
  const faults = ['', '5', '0s', '-5s', '5 s', '5x', '5constructor', '25d', '1e3s', '0.0001ms']
  for (const written of faults) assert.throws(() => parseDuration(written), Error, written)
  assert.equal(parseDuration('0s', 0), 0)
})

test('sizes, numbers, flags and paths take what people write and refuse the rest', () => {
  assert.deepEqual(['10m', '10MB', '512k', '2g', '7'].map(bytes.parse), [10 * 2 ** 20, 10 * 2 ** 20, 512 * 2 ** 10, 2 * 2 ** 30, 7])
  for (const written of ['', '0', '-1', '1.5m', '10x', '99999999999g']) assert.throws(() => bytes.parse(written), Error, written)
  for (const written of ['', '1e1', '0x1', '-1', '-0', '11', ' 3', 'NaN']) assert.throws(() => count(0, 10).parse(written), Error, written)
  assert.deepEqual(['true', 'Yes', '1', 'off', 'false'].map(flag.parse), [true, true, true, false, false])
  assert.throws(() => flag.parse('maybe'))
  assert.equal(path.parse('/a/../b'), '/b')
  assert.throws(() => path.parse(''))
  assert.equal(socketPath.parse('unix:///s'), '/s')
  assert.throws(() => socketPath.parse('tcp://h:1'), /an engine elsewhere/)
})

test('no text whatever makes a type do anything but answer or refuse', () => {
  fc.assert(fc.property(fc.string(), fc.constantFrom(...settingNames), (written, name) => {
    try {
      rows[name].type.parse(written)
    } catch (error) {
      assert.match((error as Error).message, /^expected /)
    }
  }), { numRuns: 3000 })
})
