import { describeAge } from './durations.ts'
import { AgentError } from '../model/errors.ts'
import { call } from './http-client.ts'
import { findServer, type ServerOptions } from './server.ts'
import { terminalOf, type Terminal } from './terminal.ts'
import { textTable } from './text-table.ts'

export interface CacheOptions extends ServerOptions {
  readonly all?: boolean
  readonly json?: boolean
}

interface Entry {
  readonly id: string
  readonly uri: string
  readonly user?: string
  readonly disk_bytes: number
  readonly used_at: string
  readonly users: number
  readonly leaving: boolean
}

const megabyte = 1e6

/** `slipway cache ls`, `slipway cache rm`. */
export async function cache (what: 'ls' | 'rm', entries: readonly string[], options: CacheOptions): Promise<number> {
  return await (what === 'ls' ? list(entries, options) : remove(entries, options))
}

async function list (entries: readonly string[], { json = false, all, ...options }: CacheOptions): Promise<number> {
  if (entries.length > 0 || all === true) throw new AgentError('SPEC_INVALID', '`slipway cache ls` lists all entries; it takes none, nor --all')
  const answer = await call(findServer(options), { method: 'GET', path: '/slipway/v1/cache' }) as { entries: Entry[], used_bytes: number, max_bytes: number }
  if (json) process.stdout.write(`${JSON.stringify(answer)}\n`)
  else process.stdout.write(cacheTable(answer.entries, terminalOf(process.stdout), Date.now()))
  const { used_bytes: used, max_bytes: most } = answer
  if (!json && process.stderr.isTTY) process.stderr.write(`${inMegabytes(used)} of ${inMegabytes(most)} MB\n`)
  return 0
}

async function remove (entries: readonly string[], { json = false, all = false, ...options }: CacheOptions): Promise<number> {
  if (all === (entries.length > 0)) throw new AgentError('SPEC_INVALID', 'say which entries of the cache are to be removed, or --all')
  const body = JSON.stringify(all ? { all } : { entries })
  const answer = await call(findServer(options), { method: 'POST', path: '/slipway/v1/cache/remove', body }) as { removed: Entry[] }
  if (json) process.stdout.write(`${JSON.stringify(answer)}\n`)
  else for (const { uri, users } of answer.removed) process.stdout.write(`${uri}: ${users > 0 ? 'goes when it is no longer in use' : 'removed'}\n`)
  return 0
}

function cacheTable (entries: readonly Entry[], terminal: Terminal, nowMs: number): string {
  return textTable(['id', 'uri', 'user', 'MB', 'used', 'users'], entries.map(({ id, uri, user, disk_bytes: bytes, used_at: usedAt, users, leaving }) => [
    id, uri, user ?? '-', inMegabytes(bytes), describeAge(nowMs - Date.parse(usedAt)), leaving ? `${users}, leaving` : `${users}`,
  ]), terminal)
}

function inMegabytes (bytes: number): string {
  return (bytes / megabyte).toFixed(1)
}
