import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { createCall, type LaunchWish } from './wish.ts'

const atOnce = 8

/** Launches by `docker run -d`, as a script would make them; answers how many a second, and removes them. */
export async function dockerRunRate (socket: string, count: number, wish: LaunchWish): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-docker-'))
  try {
    const { body } = createCall(wish, folder)
    const { Image, Cmd, HostConfig } = body as { Image: string, Cmd: string[], HostConfig: { CpuShares: number, Memory: number } }
    await mkdir(join(folder, 'sandbox'))
    const limits = ['--cpu-shares', `${HostConfig.CpuShares}`, '--memory', `${HostConfig.Memory}`, '--volume', `${folder}/sandbox:/mnt/mesos/sandbox`]
    const run = ['run', '--detach', '--network', wish.network, '--label', `slipway.bench=${folder}`, ...limits, '--entrypoint', '/bin/sh', Image, ...Cmd]
    const startedAtMs = performance.now()
    // xargs puts a number behind each: the shell's $0.
    await docker(socket, ['xargs', '-P', `${atOnce}`, '-n', '1', 'docker', ...run], Array.from({ length: count }, (_, at) => at))
    const tookMs = performance.now() - startedAtMs
    return count / tookMs * 1000
  } finally {
    const ids = (await docker(socket, ['docker', 'ps', '--all', '--quiet', '--filter', `label=slipway.bench=${folder}`])).split('\n').filter(Boolean)
    if (ids.length > 0) await docker(socket, ['xargs', '-P', '4', '-n', '25', 'docker', 'rm', '--force', '--volumes'], ids)
    await rm(folder, { recursive: true, force: true })
  }
}

async function docker (socket: string, [command = '', ...args]: readonly string[], input: ReadonlyArray<string | number> = []): Promise<string> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, DOCKER_HOST: `unix://${socket}` } })
  child.stdin.end(input.join('\n'))
  const ended = once(child, 'exit')
  const output = await text(child.stdout)
  const [code] = await ended as [number]
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}`)
  return output
}
