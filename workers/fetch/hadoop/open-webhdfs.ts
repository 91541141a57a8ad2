import { AgentError } from '../../../src/model/errors.ts'
import { bodyOf } from '../http/open-http.ts'
import { followRedirects, type Wanted } from '../http/follow-redirects.ts'
import { refuseStatus } from '../http/refuse-status.ts'
import type { HttpClient } from '../http/http-client.ts'
import { isPassing, passing } from '../repeatable.ts'
import { plainMode, type Have, type Remote } from '../remote.ts'
import type { WebHdfsPlace } from './webhdfs-place.ts'

export interface HdfsStatus { readonly totalBytes: number, readonly lastModified: string }

const maxStatusBytes = 64 * 1024

/** Opens a file by the REST interface of HDFS: the name node says what it is, and redirects to a data node that has it. */
export async function openWebHdfs (client: HttpClient, place: WebHdfsPlace, have: Have | undefined, signal: AbortSignal): Promise<Remote> {
  return await atActive(place, async nameNode => {
    const status = await statusAt(client, place, nameNode, signal)
    const isSame = have !== undefined && have.lastModified === status.lastModified && have.totalBytes === status.totalBytes
    if (have !== undefined && !isSame) throw passing('it changed half-way', { isStale: true })
    const offset = have?.bytes ?? 0
    const wanted = wantedOf(place, nameNode, { op: 'OPEN', ...offset > 0 ? { offset: String(offset) } : {} })
    const response = await followRedirects(client, wanted, signal)
    if (response.statusCode !== 200) return await refuseStatus(response, wanted, signal)
    return { ...status, ...bodyOf(client, response), offset, mode: plainMode, canResume: true }
  })
}

export async function webHdfsStatus (client: HttpClient, place: WebHdfsPlace, signal: AbortSignal): Promise<HdfsStatus> {
  return await atActive(place, nameNode => statusAt(client, place, nameNode, signal))
}

/** Of name nodes that stand in for one another, one is active; the others refuse, or are down. */
async function atActive<T> ({ nameNodes }: WebHdfsPlace, ask: (nameNode: URL) => Promise<T>): Promise<T> {
  for (const [at, nameNode] of nameNodes.entries()) {
    try {
      return await ask(nameNode)
    } catch (error) {
      const isElsewhere = isPassing(error) || (error instanceof AgentError && error.message.includes('StandbyException'))
      if (!isElsewhere || at === nameNodes.length - 1) throw error
    }
  }
  throw new AgentError('FETCH_FAILED', 'there is no name node to ask')
}

async function statusAt (client: HttpClient, place: WebHdfsPlace, nameNode: URL, signal: AbortSignal): Promise<HdfsStatus> {
  const wanted = wantedOf(place, nameNode, { op: 'GETFILESTATUS' })
  const response = await followRedirects(client, wanted, signal)
  if (response.statusCode !== 200) return await refuseStatus(response, wanted, signal)
  let text = ''
  for await (const chunk of response.body) {
    text += String(chunk)
    if (text.length > maxStatusBytes) throw new AgentError('FETCH_FAILED', 'the name node tells of the file with far too many words')
  }
  const { type, length, modificationTime } = fileStatusOf(text)
  if (type === 'DIRECTORY') throw new AgentError('FETCH_FAILED', 'it is a directory')
  if (!Number.isSafeInteger(length)) throw new AgentError('FETCH_FAILED', 'the name node does not say how long the file is')
  return { totalBytes: Number(length), lastModified: String(modificationTime) }
}

function fileStatusOf (text: string): Partial<Record<'type' | 'length' | 'modificationTime', unknown>> {
  try {
    return (JSON.parse(text) as { FileStatus?: object }).FileStatus ?? {}
  } catch {
    throw new AgentError('FETCH_FAILED', 'what answers there is no name node')
  }
}

function wantedOf ({ path, user, chosenBy }: WebHdfsPlace, nameNode: URL, query: Record<string, string>): Wanted {
  const url = new URL(nameNode.origin)
  url.pathname = `/webhdfs/v1${path.split('/').map(encodeURIComponent).join('/')}`
  const userName = user ?? (nameNode.username === '' ? undefined : nameNode.username)
  url.search = String(new URLSearchParams({ ...query, ...userName === undefined ? {} : { 'user.name': userName } }))
  return { url, chosenBy, explain: exceptionOf }
}

function exceptionOf (body: string): string | undefined {
  const [, exception] = /"exception"\s*:\s*"(\w{1,100})"/.exec(body) ?? []
  const [, message = ''] = /"message"\s*:\s*"([^"\\\n]{1,200})/.exec(body) ?? []
  return exception === undefined ? undefined : message === '' ? exception : `${exception}: ${message}`
}
