import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { race, startDeadline } from '../../src/base/deadline.ts'
import type { Login, RegistryAuth } from '../../src/model/docker-config.ts'
import { AgentError } from '../../src/model/errors.ts'

type Asked = Extract<Login, { kind: 'helper' }>

const maxAnswerBytes = 64 << 10
/** All that a helper gets of the agent's environment: what else stands there may be secret. */
const passedOn = ['PATH', 'HOME', 'USER', 'LANG']
/** With this for a name the secret is a token, by the protocol of the helpers. */
const tokenUser = '<token>'
const notFound = 'credentials not found in native keychain'

/** Asks `docker-credential-NAME get` for a registry's credentials. undefined: it has none. Its output is in no message: it may be the secret. */
export async function askHelper ({ helper, server }: Asked, stallMs: number, signal: AbortSignal): Promise<RegistryAuth | undefined> {
  const program = `docker-credential-${helper}`
  using deadline = startDeadline(signal, stallMs, () => new AgentError('STAGE_STALLED', `${program} gave no answer for ${stallMs / 1000} s`))
  const { exitCode, said } = await run(program, server, deadline.signal)
  if (exitCode === 0) return authIn(said, server, program)
  if (said.trim() === notFound) return undefined
  throw failed(`${program} ended with ${exitCode}; \`echo ${server} | ${program} get\` on the host tells why`)
}

async function run (program: string, server: string, signal: AbortSignal): Promise<{ exitCode: number | string, said: string }> {
  signal.throwIfAborted()
  const env = Object.fromEntries(passedOn.flatMap(name => process.env[name] === undefined ? [] : [[name, process.env[name]]]))
  const child = spawn(program, ['get'], { env, cwd: '/', stdio: ['pipe', 'pipe', 'ignore'], detached: true })
  // One that does not read, or that has left others behind which hold its output open, is no reason to wait or to fail.
  child.stdin.on('error', () => {})
  child.once('exit', () => { killGroup(child) })
  try {
    child.stdin.end(server)
    const [said, [code, unixSignal]] = await race(Promise.all([outputOf(child, program), closed(child, program)]), signal)
    return { exitCode: code ?? unixSignal ?? 'nothing', said }
  } finally {
    killGroup(child)
  }
}

async function closed (child: ChildProcess, program: string): Promise<[number | null, string | null]> {
  try {
    return await once(child, 'close') as [number | null, string | null]
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw failed(code === 'ENOENT' ? `${program} is not on the agent's PATH` : `${program} cannot be run (${code})`)
  }
}

async function outputOf ({ stdout }: ChildProcess, program: string): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of stdout as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes > maxAnswerBytes) throw failed(`${program} answered with more than ${maxAnswerBytes >> 10} KB`)
  }
  return Buffer.concat(chunks).toString()
}

function authIn (said: string, server: string, program: string): RegistryAuth {
  const { Username: username, Secret: secret } = parse(said)
  if (typeof username !== 'string' || typeof secret !== 'string') throw failed(`${program} did not answer with a Username and a Secret`)
  return username === tokenUser ? { identitytoken: secret, serveraddress: server } : { username, password: secret, serveraddress: server }
}

function parse (said: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(said)) as Record<string, unknown>
  } catch {
    return {}
  }
}

function killGroup ({ pid }: ChildProcess): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended, and so have all whom it started.
  }
}

function failed (message: string): AgentError {
  return new AgentError('CREDENTIALS_FAILED', message)
}
