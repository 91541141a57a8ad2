import { readFile } from 'node:fs/promises'
import type { FileOwner } from '../pool/jobs.ts'

/** To whom the files of who runs in a container belong on this host; a name is looked up here, as Mesos does. Undefined: to the agent. */
export async function hostOwner (user: string | undefined): Promise<FileOwner | undefined> {
  if (user === undefined || process.getuid?.() !== 0) return undefined
  const [name = '', group] = user.split(':')
  const owner = /^\d{1,9}$/.test(name) ? { uid: Number(name), gid: 0 } : await hostUser(name)
  if (owner === undefined) return undefined
  return { uid: owner.uid, gid: group !== undefined && /^\d{1,9}$/.test(group) ? Number(group) : owner.gid }
}

async function hostUser (name: string): Promise<FileOwner | undefined> {
  const line = (await readFile('/etc/passwd', 'utf8')).split('\n').find(one => one.startsWith(`${name}:`))
  const [, , uid, gid] = line?.split(':') ?? []
  return uid === undefined || gid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) }
}
