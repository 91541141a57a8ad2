import assert from 'node:assert/strict'
import { test } from 'node:test'
import { translateError, translateWords } from '../../../src/engine/translate-error.ts'
import { AgentError, type ErrorCode } from '../../../src/model/errors.ts'

const notFound = 'manifest for 127.0.0.1:5000/nosuch:1 not found: manifest unknown: manifest unknown'
const hidden = 'pull access denied for nosuch, repository does not exist or may require \'docker login\': denied: requested access to the resource is denied'
const mountFailed = 'error during container init: error mounting '
const shim = 'failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: '
const older = 'OCI runtime create failed: container_linux.go:380: starting container process caused: '
const mixedUp = ': unknown: Are you trying to mount a directory onto a file (or vice-versa)? Check if the specified host path exists'
const sandbox = '/srv/slipway/slaves/S0/frameworks/f/executors/exec: x/runs/c'

/** What Docker 20.10, 18.09 and crun say, word for word. */
const said: ReadonlyArray<readonly [call: string, status: number, words: string, code: ErrorCode]> = [
  ['start', 400, `${shim}exec: "nosuch": executable file not found in $PATH: unknown`, 'COMMAND_NOT_FOUND'],
  ['start', 400, `${older}exec: "nosuch": executable file not found in $PATH: unknown`, 'COMMAND_NOT_FOUND'],
  ['start', 400, `${shim}exec: "": executable file not found in $PATH: unknown`, 'COMMAND_NOT_FOUND'],
  ['start', 400, `${shim}exec: "/bin/nosuch": stat /bin/nosuch: no such file or directory: unknown`, 'COMMAND_NOT_FOUND'],
  ['start', 400, `${shim}exec: "/etc/hosts": permission denied: unknown`, 'COMMAND_NOT_FOUND'],
  ['start', 400, `${shim}exec: "/bin": is a directory: unknown`, 'COMMAND_NOT_FOUND'],
  ['start', 400, `${shim}exec: "/bin/sh/x": stat /bin/sh/x: not a directory${mixedUp}`, 'COMMAND_NOT_FOUND'],
  ['start', 500, 'OCI runtime create failed: crun: executable file `nosuch` not found in $PATH: No such file or directory: unknown', 'COMMAND_NOT_FOUND'],
  ['create', 400, 'No command specified', 'NO_COMMAND'],
  ['start', 400, `${shim}${mountFailed}"${sandbox}" to rootfs at "/bin/sh": mount: not a directory${mixedUp}`, 'ENGINE_REFUSED'],
  ['start', 400, `${shim}${mountFailed}"${sandbox}" to rootfs at "/mnt": no such file or directory: unknown`, 'ENGINE_REFUSED'],
  ['start', 500, 'failed to start shim: exec: "containerd-shim-runc-v2": executable file not found in $PATH: unknown', 'ENGINE_REFUSED'],
  ['start', 500, 'unable to find user nosuch: no matching entries in passwd file', 'ENGINE_REFUSED'],
  ['start', 404, 'No such container: c1', 'ENGINE_REFUSED'],
  ['create', 400, 'Minimum memory limit allowed is 6MB', 'ENGINE_REFUSED'],
  ['create', 404, 'No such image: nosuch:1', 'IMAGE_NOT_FOUND'],
  ['create', 409, 'Conflict. The container name "/mesos-c1" is already in use by container "34f9".', 'ENGINE_REFUSED'],
  ['create', 500, 'error creating overlay mount to /var/lib/docker/overlay2/x/merged: no space left on device', 'DISK_FULL'],
  ['start', 500, 'mkdir /run/containerd/x: disk quota exceeded', 'DISK_FULL'],
  ['pull', 500, 'failed to register layer: Error processing tar file(exit status 1): write /x: no space left on device', 'DISK_FULL'],
  ['pull', 404, notFound, 'IMAGE_NOT_FOUND'],
  ['pull', 404, hidden, 'IMAGE_NOT_FOUND'],
  ['pull', 500, 'Head "https://registry/v2/app/manifests/3": no basic auth credentials', 'DENIED'],
  ['pull', 500, 'Get "https://registry/v2/": unauthorized: authentication required', 'DENIED'],
  ['pull', 500, 'Get "http://127.0.0.1:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused', 'PULL_FAILED'],
  ['pull', 500, 'Get "https://registry/v2/": dial tcp: lookup registry on 127.0.0.53:53: no such host', 'PULL_FAILED'],
  ['pull', 500, 'toomanyrequests: You have reached your pull rate limit.', 'PULL_FAILED'],
]

for (const [call, statusCode, words, code] of said) {
  test(`${call}: "${words.replace(/^.*unable to start container process: /, '… ').slice(0, 90)}" is ${code}`, () => {
    const modemError = Object.assign(new Error(`(HTTP code ${statusCode}) unexpected - ${words} `), { statusCode, json: { message: words } })
    const error = translateError(modemError, call)
    assert.equal(error.code, code)
    assert.equal(error.message, words)
    assert.deepEqual(error.detail, { call, status: statusCode })
  })
}

test('words without a JSON body are taken out of docker-modem\'s sentence', () => {
  const modemError = Object.assign(new Error('(HTTP code 500) server error - it broke - badly '), { statusCode: 500, json: Buffer.from('{}') })
  const error = translateError(modemError, 'create')
  assert.equal(error.message, 'it broke - badly')
})

test('an error inside a stream is judged by the same words, and has no status', () => {
  const error = translateWords('manifest unknown\n', 'pull')
  assert.deepEqual([error.code, error.message, error.detail], ['IMAGE_NOT_FOUND', 'manifest unknown', { call: 'pull' }])
})

for (const code of ['ECONNREFUSED', 'ENOENT', 'ECONNRESET', 'EPIPE', 'EACCES']) {
  test(`${code} on the socket is ENGINE_DOWN`, () => {
    const error = translateError(Object.assign(new Error(`connect ${code} /run/docker.sock`), { code }), 'create')
    assert.equal(error.code, 'ENGINE_DOWN')
    assert.equal(error.message, `the engine did not answer create (${code})`)
  })
}

test('an engine that cannot be reached is told with its socket', () => {
  const refused = Object.assign(new Error('connect ENOENT /run/other.sock'), { code: 'ENOENT', address: '/run/other.sock' })
  assert.equal(translateError(refused, 'ping').message, 'the engine did not answer ping on /run/other.sock (ENOENT)')
})

test('what is an AgentError already stays what it is', () => {
  const error = new AgentError('DISK_FULL', 'full')
  assert.equal(translateError(error, 'pull'), error)
})
