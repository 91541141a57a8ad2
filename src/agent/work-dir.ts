import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { chmod, mkdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CleanupStack } from '../base/cleanup-stack.ts'
import { takeProcessLock } from '../base/process-lock.ts'
import { AgentError, messageOf } from '../model/errors.ts'

export interface WorkDir extends AsyncDisposable {
  /** Its real path: what is below it is compared with this. */
  readonly path: string
  /** Stands in the label of every container of ours; the same for the life of the work directory. */
  readonly instanceId: string
  /** Of our own making, or what a master has given. */
  readonly agentId: string
  /** A master has given it. */
  readonly hasGivenId: boolean
  readonly token: string
  /** Keeps the id that a master has given; undefined: takes one of its own again. It holds when this is back. */
  become (givenId: string | undefined): Promise<void>
}

interface Identity { instanceId: string, agentId: string, isGiven?: boolean }

/** Opens the work directory: one agent at a time, with the ids and the token that it keeps there; a new one gets new ones. LOCKED if another has it. */
export async function openWorkDir (path: string): Promise<WorkDir> {
  const real = await attempt(path, async () => { await mkdir(path, { recursive: true, mode: 0o755 }); return await realpath(path) })
  await attempt(path, () => refuseOthers(real))
  await using opened = new CleanupStack()
  opened.use(await lockFolder(real))
  const identity = await attempt(path, () => readOrMake(join(real, 'agent.json'), newIdentity, 0o644))
  const token = await attempt(path, () => readOrMake(join(real, 'auth-token'), () => randomBytes(32).toString('base64url'), 0o600))
  const file = join(real, 'agent.json')
  let own = parseIdentity(identity, file)
  const { instanceId } = own
  opened.use(await lockInstance(instanceId))
  await attempt(path, () => writeFile(join(real, 'agent.pid'), `${process.pid}\n`))
  const owned = opened.move()
  return {
    path: real, instanceId, token: token.trim(),
    get agentId () { return own.agentId },
    get hasGivenId () { return own.isGiven === true },
    async become (givenId) {
      const next = givenId === undefined ? ownIdentity(instanceId) : { instanceId, agentId: givenId, isGiven: true }
      await attempt(path, () => replace(file, `${JSON.stringify(next)}\n`, 0o644))
      own = next
    },
    [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose](),
  }
}

/** Held by whoever may touch the containers of an instance: its agent, or a clean-up after it. A copied work directory has the same one. LOCKED. */
export async function lockInstance (instanceId: string): Promise<AsyncDisposable> {
  const lock = await takeProcessLock(instanceLock(instanceId))
  if (lock === undefined) {
    throw new AgentError('LOCKED', `an agent of instance ${instanceId} is running, or its containers are being cleaned up`, { instanceId })
  }
  return lock
}

export function instanceLock (instanceId: string): string {
  return `slipway-instance-${instanceId}`
}

/** What an instance id can be: it is part of a socket's name, which is short. */
export function isInstanceId (text: string): boolean {
  return /^[\w-]{1,64}$/.test(text)
}

function newIdentity (): string {
  return `${JSON.stringify(ownIdentity(randomUUID()))}\n`
}

function ownIdentity (instanceId: string): Identity {
  return { instanceId, agentId: `${instanceId}-S0` }
}

/** What can be the id of an agent: it is part of paths. */
export function isAgentId (text: string): boolean {
  return /^[\w][\w.-]{0,254}$/.test(text)
}

function parseIdentity (text: string, file: string): Identity {
  try {
    const { instanceId, agentId, isGiven = false } = JSON.parse(text) as Partial<Identity>
    if (instanceId !== undefined && agentId !== undefined && isInstanceId(instanceId) && isAgentId(agentId)) return { instanceId, agentId, isGiven }
  } catch { /* told below */ }
  throw new AgentError('SETTING_INVALID', `${file} is damaged; with another one the containers of this instance would have no owner`, { file })
}

/** Whole or not at all: written beside it, then renamed. */
async function readOrMake (file: string, make: () => string, mode: number): Promise<string> {
  try {
    const text = await readFile(file, 'utf8')
    await chmod(file, mode)
    if (text.trim() !== '') return text
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  const text = make()
  await replace(file, text, mode)
  return text
}

async function replace (file: string, text: string, mode: number): Promise<void> {
  await rm(`${file}.new`, { force: true })               // one that a crash left may be open to others
  await writeFile(`${file}.new`, text, { mode, flush: true, flag: 'wx' })
  await rename(`${file}.new`, file)
}

async function lockFolder (path: string): Promise<AsyncDisposable> {
  const lock = await takeProcessLock(`slipway-${createHash('sha256').update(path).digest('hex')}`)
  if (lock !== undefined) return lock
  const owner = await readFile(join(path, 'agent.pid'), 'utf8').catch(() => 'unknown')
  throw new AgentError('LOCKED', `the work directory ${path} is in use by the agent with pid ${owner.trim()}`, { path })
}

/** Whoever may write there can put a token and an instance of his choice in the place of ours. */
async function refuseOthers (path: string): Promise<void> {
  const { uid, mode } = await stat(path)
  if (uid !== 0 && uid !== process.getuid?.()) throw new Error(`it belongs to the user with id ${uid}, who could read and replace the agent's token`)
  if ((mode & 0o002) !== 0) throw new Error('every user may write there, and so replace the agent\'s token')
}

async function attempt<T> (path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action()
  } catch (error) {
    throw new AgentError('SETTING_INVALID', `the work directory ${path} cannot be used: ${messageOf(error)}`, { path })
  }
}
