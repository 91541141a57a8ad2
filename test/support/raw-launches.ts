import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { request } from 'node:http'
import type { Socket } from 'node:net'
import { createBody } from '../../src/engine/create-body.ts'
import type { ContainerSpec } from '../../src/model/container-spec.ts'
import { askEngine, callEngine } from './engine-api.ts'

export interface RawWish { readonly socket: string, readonly count: number, readonly atOnce: number, readonly spec: ContainerSpec }

const engineLog = { maxSizeBytes: 10 << 20, maxFiles: 2 }

/** Creates, attaches and starts containers with nothing between us and the engine; answers how many a second, and removes them. */
export async function rawLaunchRate ({ socket, count, atOnce, spec }: RawWish): Promise<number> {
  const body = createBody(spec, engineLog)
  const pipes: Socket[] = []
  const ids: string[] = []
  const launchOne = async (): Promise<void> => {
    const name = `slipway-raw-${randomBytes(8).toString('hex')}`
    const { Id } = await askEngine<{ Id: string }>(socket, `POST /containers/create?name=${name}`, { body })
    ids.push(Id)
    pipes.push(await attach(socket, Id))
    await askEngine(socket, `POST /containers/${Id}/start`)
  }
  try {
    const startedAt = performance.now()
    await inTurns(count, atOnce, launchOne)
    return count / (performance.now() - startedAt) * 1000
  } finally {
    for (const pipe of pipes) pipe.destroy()
    await inTurns(ids.length, atOnce, async at => { await callEngine(socket, `DELETE /containers/${ids[at] ?? ''}?force=true&v=true`) })
  }
}

async function attach (socketPath: string, id: string): Promise<Socket> {
  const path = `/containers/${id}/attach?stream=1&stdout=1&stderr=1`
  const outgoing = request({ socketPath, path, method: 'POST', agent: false, headers: { host: 'engine', connection: 'Upgrade', upgrade: 'tcp' } })
  outgoing.end()
  const [, pipe] = await once(outgoing, 'upgrade') as [unknown, Socket]
  pipe.on('error', () => {}).resume()
  return pipe
}

async function inTurns (count: number, atOnce: number, work: (at: number) => Promise<void>): Promise<void> {
  let next = 0
  const runner = async (): Promise<void> => { while (next < count) await work(next++) }
  await Promise.all(Array.from({ length: atOnce }, runner))
}
