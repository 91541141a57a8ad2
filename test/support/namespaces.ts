import { spawn } from 'node:child_process'
import { once } from 'node:events'

export interface Namespaces extends AsyncDisposable {
  /** Put before a command, it runs in there. */
  readonly enter: readonly string[]
}

/**
 * Readies a new mount and network namespace for an engine: loopback is up, and what engines write outside their own folders
 * (/run, /etc/docker) goes to memory that vanishes with the namespace. The sockets of the user's engine cannot be seen from there.
 */
export const readyNamespaces = 'ip link set lo up && mount -t tmpfs none /run && mkdir -p /etc/docker && mount -t tmpfs none /etc/docker'

/** Mount and network namespaces that live until disposed of; processes in there are the caller's to end first. */
export async function startNamespaces (): Promise<Namespaces> {
  // The holder reads its standard input, so it ends with this process, whatever ends this one.
  const script = `${readyNamespaces} && echo ready && exec cat`
  const args = ['--mount', '--net', '--propagation', 'private', 'sh', '-c', script]
  const holder = spawn('unshare', args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const exited = new Promise<void>(resolve => { holder.once('exit', () => { resolve() }).once('error', () => { resolve() }) })
  const answer = await Promise.race([once(holder.stdout, 'data'), exited])
  if (answer === undefined) throw new Error('no namespaces for a private engine: unshare failed')
  return {
    enter: ['nsenter', `--target=${holder.pid}`, '--mount', '--net', '--root', '--'],
    async [Symbol.asyncDispose] () {
      holder.kill('SIGKILL')
      await exited
    },
  }
}
