import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { silentLog } from '../../../src/base/log.ts'
import { plainTransfer } from '../../../src/model/transfer-options.ts'
import type { FetchInput } from '../../../src/pool/jobs.ts'
import { Pool } from '../../../src/pool/pool.ts'

export interface FetchGround extends AsyncDisposable {
  readonly origin: string
  /** Of the whole bench: everything is written on the disk that this is on. */
  readonly folder: string
  /** A new folder there. */
  sandbox (): string
  /** What a task's fetch is to the agent, by its worker thread. */
  fetch (sandbox: string, input: Pick<FetchInput, 'uris' | 'cached'>, atOnce?: number): Promise<void>
}

const stallMs = 60_000

export async function openFetchGround (): Promise<FetchGround> {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-bench-fetch-'))
  const server = spawn(process.execPath, [fileURLToPath(new URL('./file-server.js', import.meta.url))], { stdio: ['pipe', 'pipe', 'inherit'] })
  const [line] = await once(server.stdout, 'data') as [Buffer]
  const entry = new URL('../../../workers/fetch/entry.js', import.meta.url)
  const pool = new Pool({ name: 'fetch', entry, threads: 1, jobsPerThread: 16, cancelMs: 5_000, log: silentLog })
  const never = new AbortController().signal
  return {
    folder,
    origin: `http://127.0.0.1:${String(line).trim()}`,
    sandbox: () => mkdtempSync(join(folder, 'sandbox-')),
    async fetch (sandbox, input, urisAtOnce = plainTransfer.urisAtOnce) {
      await pool.run('fetch', { sandbox, ...input, stallMs, transfer: { urisAtOnce } }, never)
    },
    async [Symbol.asyncDispose] () {
      await pool[Symbol.asyncDispose]()
      const ended = once(server, 'exit')
      server.stdin.end()
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
