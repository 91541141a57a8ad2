import { PassThrough } from 'node:stream'
import { FTPError } from 'basic-ftp'
import type { HttpClient } from '../http/http-client.ts'
import { passing } from '../repeatable.ts'
import { plainMode, type Have, type Remote } from '../remote.ts'
import { ftpFailure, startFtp, type FtpSession } from './ftp-client.ts'

export interface FtpStatus { readonly totalBytes: number | undefined, readonly lastModified: string | undefined }

const bufferBytes = 256 * 1024

/** Opens a file, where it was left if its size and time of change are the same still. The chunks own the connection. */
export async function openFtp (client: HttpClient, url: URL, have: Have | undefined, signal: AbortSignal): Promise<Remote> {
  const session = await startFtp(client, url, signal)
  try {
    const status = await statusOf(session)
    const canResume = status.lastModified !== undefined && status.totalBytes !== undefined
    const isSame = have !== undefined && have.lastModified === status.lastModified && have.totalBytes === status.totalBytes
    if (have !== undefined && !isSame) throw passing('it changed on the server half-way', { isStale: true })
    const offset = have?.bytes ?? 0
    return { ...status, offset, mode: plainMode, canResume, chunks: download(session, offset, signal), discard: session[Symbol.dispose] }
  } catch (error) {
    session[Symbol.dispose]()
    signal.throwIfAborted()
    throw ftpFailure(error)
  }
}

export async function ftpStatus (client: HttpClient, url: URL, signal: AbortSignal): Promise<FtpStatus> {
  using session = await startFtp(client, url, signal)
  return await statusOf(session)
}

/** Not every server knows both commands. */
async function statusOf ({ client, path }: FtpSession): Promise<FtpStatus> {
  const totalBytes = await client.size(path).catch(unknown)
  const changed = await client.lastMod(path).catch(unknown)
  return { totalBytes, lastModified: changed?.toISOString() }
}

function unknown (error: unknown): undefined {
  if (!(error instanceof FTPError)) throw error
}

async function * download (session: FtpSession, offset: number, signal: AbortSignal): AsyncGenerator<Buffer> {
  const body = new PassThrough({ highWaterMark: bufferBytes })
  try {
    const done = session.client.downloadTo(body, session.path, offset)
    done.catch((error: unknown) => { body.destroy(error as Error) })
    for await (const chunk of body) yield chunk as Buffer
    await done       // the server's word that this was all of it
  } catch (error) {
    signal.throwIfAborted()
    throw ftpFailure(error)
  } finally {
    body.destroy()
    session[Symbol.dispose]()
  }
}
