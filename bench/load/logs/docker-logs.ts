import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, openSync, closeSync } from 'node:fs'
import { join } from 'node:path'
import { askEngine } from '../../../test/support/engine-api.ts'
import { ownCpuMs } from '../agent-process.ts'
import { clearsEngine } from '../fleet/clear-engine.ts'
import { createCall } from '../launch/wish.ts'
import type { Way, WayWish } from './ways.ts'

/** Containers to which nobody is attached, and a `docker logs --follow` of each into a file. */
export async function followWithDocker (wish: WayWish, folder: string): Promise<Way> {
  const { socket, count } = wish
  const [writers, followers]: [Array<Way['writers'][number]>, ChildProcess[]] = [[], []]
  const end = async (): Promise<void> => {
    for (const follower of followers.splice(0)) await ended(follower)
    // As `createCall` labels them.
    await clearsEngine(socket, `raw ${folder}`)[Symbol.asyncDispose]()
  }
  try {
    while (writers.length < count) {
      const { name, sandbox, body } = createCall(wish, folder)
      mkdirSync(sandbox)
      await askEngine(socket, `POST /containers/create?name=${name}`, { body })
      await askEngine(socket, `POST /containers/${name}/start`)
      const output = join(folder, `${name}.log`)
      followers.push(follow(socket, name, output))
      writers.push({ sandbox, output })
    }
  } catch (error) {
    await end()
    throw error
  }
  return {
    writers,
    cpuMs: async () => (await Promise.all(followers.map(({ pid = 0 }) => ownCpuMs(pid)))).reduce((sum, ms) => sum + ms, 0),
    [Symbol.asyncDispose]: end,
  }
}

function follow (socket: string, name: string, output: string): ChildProcess {
  const fd = openSync(output, 'w')
  try {
    return spawn('docker', ['logs', '--follow', name], { stdio: ['ignore', fd, fd], env: { ...process.env, DOCKER_HOST: `unix://${socket}` } })
  } finally {
    closeSync(fd)
  }
}

async function ended (child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGKILL')
  await exit
}
