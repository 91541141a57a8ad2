import { readFile } from 'node:fs/promises'

/** Names of users and groups by number, as the host's own files tell them; the number where they do not. */
export async function accountNames (): Promise<{ user (uid: number): string, group (gid: number): string }> {
  const [users, groups] = await Promise.all(['/etc/passwd', '/etc/group'].map(read))
  return { user: uid => users?.get(uid) ?? String(uid), group: gid => groups?.get(gid) ?? String(gid) }
}

/** `name:password:number:…`, a line each; the first name of a number counts. */
async function read (file: string): Promise<Map<number, string>> {
  const text = await readFile(file, 'utf8').catch(() => '')
  const entries = text.split('\n').map(line => line.split(':')).filter(words => words.length > 2)
  return new Map(entries.reverse().map(([name = '', , number]) => [Number(number), name]))
}
