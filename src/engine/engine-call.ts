import type DockerClient from 'dockerode'
import { race } from '../base/deadline.ts'
import { Docker } from './dockerode.ts'
import { translateError } from './translate-error.ts'

export interface EngineAddress { readonly socketPath: string }

/**
 * No agent option: docker-modem would inspect its sockets on every request. No version: the engine's newest, so that none is refused. What DOCKER_HOST
 * and its like say is not asked: docker-modem would follow them whatever socket it is given.
 */
export function connect ({ socketPath }: EngineAddress): DockerClient {
  return new Docker({ socketPath, host: '', protocol: 'http', timeout: 0 })
}

/** One call under a signal. dockerode's own promise may never settle when a response breaks off, so the signal is raced as well. */
export async function call<T> (name: string, signal: AbortSignal, request: (abortSignal: AbortSignal) => Promise<T>): Promise<T> {
  try {
    return await race(request(signal), signal)
  } catch (error) {
    throw signal.aborted ? signal.reason : translateError(error, name)
  }
}

interface Request { path: string, method: string, abortSignal: AbortSignal, options?: object, isStream?: boolean }

/** A call that dockerode has no good form of: its image inspect, for one, forgets the signal and would leave the socket open. */
export function dial<T> (docker: DockerClient, request: Request): Promise<T> {
  return new Promise((resolve, reject) => {
    const statusCodes = { 200: true, 201: true, 400: 'bad parameter', 403: 'forbidden', 404: 'not found', 409: 'conflict', 500: 'server error' }
    docker.modem.dial({ ...request, statusCodes }, (error, answer) => { if (error) reject(error); else resolve(answer as T) })
  })
}
