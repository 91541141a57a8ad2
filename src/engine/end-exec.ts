import type { Exec } from 'dockerode'
import { readFileSync } from 'node:fs'

const askMs = 5_000

/**
 * Ends a command that nobody waits for any more, so that they do not pile up. The engine has no call for it; its process group is killed from
 * outside, if the process of that number really is one of the container's. Best effort: without root, or away from the engine, it goes on.
 */
export async function endExec (made: Exec): Promise<void> {
  const { Running: isRunning, Pid: pid, ContainerID: containerId } = await made.inspect({ abortSignal: AbortSignal.timeout(askMs) })
  if (!isRunning || pid <= 1 || containerId === '') return
  const group = readFileSync(`/proc/${pid}/cgroup`, 'utf8')
  if (group.includes(containerId)) process.kill(-pid, 'SIGKILL')
}
