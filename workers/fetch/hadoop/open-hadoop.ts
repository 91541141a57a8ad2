import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, constants, fstatSync, openSync, statSync, unlinkSync } from 'node:fs'
import { AgentError } from '../../../src/model/errors.ts'
import { readChunks } from '../local-file.ts'
import type { OpenContext } from '../open-source.ts'
import { plainMode, type Remote } from '../remote.ts'

const lookMs = 250
const maxSaidBytes = 2_000
/** What the agent was told is not the client's business. */
const ownVariables = /^(SLIPWAY|MESOS|LIBPROCESS)_/

/**
 * Has the operator's client copy the file, beside the target, and reads it from there: `hadoop fs -copyToLocal` is what operators' own
 * programs in its place understand. Growth of the copy is progress. All that the client starts ends with it.
 */
export async function openHadoop (uri: string, shown: string, { client, scratch, onAlive, signal }: OpenContext): Promise<Remote> {
  signal.throwIfAborted()
  const child = startClient(client.options.hadoop.client, ['fs', '-copyToLocal', uri, scratch])
  let refusal: { readonly error: unknown } | undefined
  const onAbort = (): void => { endAll(child) }
  const look = (): void => {
    try {
      onAlive(sizeOf(scratch) ?? sizeOf(`${scratch}._COPYING_`) ?? 0)
    } catch (error) {
      refusal ??= { error }
      endAll(child)
    }
  }
  const watch = setInterval(look, lookMs)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    const said = await outcome(child)
    signal.throwIfAborted()
    if (refusal !== undefined) throw refusal.error
    if (said !== undefined) throw new AgentError('FETCH_FAILED', `the hadoop client failed: ${redacted(said, uri, shown)}`)
    return copied(scratch)
  } finally {
    clearInterval(watch)
    signal.removeEventListener('abort', onAbort)
    endAll(child)
    for (const path of [scratch, `${scratch}._COPYING_`]) removeIfThere(path)
  }
}

/** In a process group of its own: the client is a script that starts Java. */
function startClient (program: string, args: readonly string[]): ChildProcess {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !ownVariables.test(name)))
  return spawn(program, args, { detached: true, stdio: ['ignore', 'ignore', 'pipe'], env })
}

/** undefined: all is well; else what it said. */
function outcome (child: ChildProcess): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    let said = ''
    child.stderr?.setEncoding('utf8').on('data', (text: string) => { said = `${said}${text}`.slice(-maxSaidBytes) })
    child.once('error', error => { reject(new AgentError('FETCH_FAILED', `the hadoop client cannot be started (--hadoop-client): ${error.message}`)) })
    child.once('exit', (code, signal) => {
      // A grandchild that lives on would hold the pipe open.
      setImmediate(() => { resolve(code === 0 ? undefined : said.trim() || `it ended with ${signal ?? code}`) })
    })
  })
}

function endAll ({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  } catch {
    // all of them have ended
  }
}

/** What it made has no name any more when it is read: nothing of it can be left. */
function copied (path: string): Remote {
  const fd = openCopy(path)
  const stat = fstatSync(fd)
  const discard = (): void => { closeSync(fd) }
  if (stat.isFile()) return { offset: 0, totalBytes: stat.size, mode: plainMode, canResume: false, chunks: readChunks(fd, stat.size), discard }
  discard()
  throw new AgentError('FETCH_FAILED', 'what the hadoop client copied is not a regular file')
}

function openCopy (path: string): number {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW)
  } catch {
    throw new AgentError('FETCH_FAILED', 'the hadoop client said that it copied the file, and there is none')
  }
}

function removeIfThere (path: string): void {
  try {
    unlinkSync(path)
  } catch {
    // there is none
  }
}

function sizeOf (path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.size
}

/** Its last line, without the URI's credentials. */
function redacted (said: string, uri: string, shown: string): string {
  const line = said.split('\n').at(-1) ?? ''
  return line.replaceAll(uri, shown).replace(/\/\/[^\s/@]*@/g, '//').slice(0, 300)
}
