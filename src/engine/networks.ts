import type Docker from 'dockerode'
import { dial } from './engine-call.ts'
import type { EngineHttp } from './engine-http.ts'
import { gatewayIn, type NetworkDocument } from './gateway.ts'
import type { EngineNetwork } from './port.ts'
import { statusOf } from './translate-error.ts'

interface Document extends NetworkDocument { readonly Id: string, readonly Name: string, readonly Labels?: Readonly<Record<string, string>> | null }

/** By its whole name: the engine would take the beginning of an id as well. */
export async function findNetwork (http: EngineHttp, name: string, abortSignal: AbortSignal): Promise<EngineNetwork | undefined> {
  const text = await unless([404], http.ask('GET', `/networks/${encodeURIComponent(name)}`, abortSignal))
  const found = text === undefined ? undefined : JSON.parse(text) as Document
  return found?.Name === name ? toNetwork(found) : undefined
}

export async function createNetwork (docker: Docker, { name, labels }: Pick<EngineNetwork, 'name' | 'labels'>, abortSignal: AbortSignal): Promise<void> {
  const options = { _query: {}, _body: { Name: name, Driver: 'bridge', CheckDuplicate: true, Labels: labels } }
  await dial(docker, { path: '/networks/create?', method: 'POST', options, abortSignal })
}

/** False: containers are on it. */
export async function removeNetwork (http: EngineHttp, id: string, abortSignal: AbortSignal): Promise<boolean> {
  try {
    await unless([404], http.ask('DELETE', `/networks/${id}`, abortSignal))
    return true
  } catch (error) {
    if (statusOf(error) === 403) return false
    throw error
  }
}

export async function listNetworks (docker: Docker, label: string, abortSignal: AbortSignal): Promise<EngineNetwork[]> {
  const found = await docker.listNetworks({ filters: { label: [label] }, abortSignal }) as Document[]
  return found.map(toNetwork)
}

function toNetwork (document: Document): EngineNetwork {
  const { Id: id, Name: name, Labels: labels } = document
  return { id, name, labels: labels ?? {}, gateway: gatewayIn(document) }
}

async function unless<T> (statuses: readonly number[], request: Promise<T>): Promise<T | undefined> {
  try {
    return await request
  } catch (error) {
    if (statuses.includes(statusOf(error) ?? 0)) return undefined
    throw error
  }
}
