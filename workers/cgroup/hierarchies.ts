import { join } from 'node:path'

/** A cgroup file system as it is mounted here: `folder` shows the cgroup `root` and what is below it. */
export interface Hierarchy { readonly folder: string, readonly root: string }

export interface Hierarchies {
  /** Of cgroup v1, by controller; `cpu` and `cpuacct` often share one. */
  readonly v1: ReadonlyMap<string, Hierarchy>
  /** Of cgroup v2: the only one, or on a hybrid host the one beside those of v1. */
  readonly unified: Hierarchy | undefined
}

/** Reads them from the texts of /proc/self/mountinfo and /proc/cgroups (empty where the kernel knows v2 alone). */
export function parseHierarchies (mountinfo: string, controllers: string): Hierarchies {
  const names = new Set(controllers.split('\n').filter(line => !line.startsWith('#')).map(line => line.split('\t')[0]))
  const v1 = new Map<string, Hierarchy>()
  let unified: Hierarchy | undefined
  for (const { type, options, ...hierarchy } of mountinfo.split('\n').map(parseMount)) {
    if (type === 'cgroup2') unified = wider(unified, hierarchy)
    if (type !== 'cgroup') continue
    for (const name of options.filter(option => names.has(option))) v1.set(name, wider(v1.get(name), hierarchy))
  }
  return { v1, unified }
}

/** "32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime shared:9 - cgroup cgroup rw,cpu": any number of fields may stand before the dash. */
function parseMount (line: string): Hierarchy & { type: string, options: string[] } {
  const [left = '', right = ''] = line.split(' - ')
  const [, , , root = '', folder = ''] = left.split(' ').map(unescape)
  const [type = '', , options = ''] = right.split(' ')
  return { root, folder, type, options: options.split(',') }
}

/** Spaces and the like are written in octal. */
function unescape (field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)))
}

/** The same hierarchy may be mounted twice, once in part (for a container); the one that shows more is taken. */
function wider (known: Hierarchy | undefined, other: Hierarchy): Hierarchy {
  return known !== undefined && known.root.length <= other.root.length ? known : other
}

/** Where the cgroup of this path is to be seen; undefined when it is outside of what is mounted. */
export function folderOf ({ folder, root }: Hierarchy, path: string): string | undefined {
  if (root === '/') return join(folder, path)
  return path.startsWith(`${root}/`) ? join(folder, path.slice(root.length)) : undefined
}
