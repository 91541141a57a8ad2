/** How an engine names the cgroup of a container: this, the id, that. */
export interface Layout { readonly before: string, readonly after: string }

/** Docker's own: with its cgroupfs driver, and with systemd's. */
export const usualLayouts: readonly Layout[] = [
  { before: '/docker/', after: '' },
  { before: '/system.slice/docker-', after: '.scope' },
]

export function pathIn ({ before, after }: Layout, engineId: string): string {
  return before + engineId + after
}

/**
 * The layout that the text of a process's /proc/<pid>/cgroup shows: other cgroup parents, engines within containers. A process deeper
 * within the container shows it as well; one of something else (the pid has been given away since) shows none.
 */
export function layoutIn (text: string, engineId: string): Layout | undefined {
  for (const line of text.split('\n')) {
    const folders = line.split(':').slice(2).join(':').split('/')
    const at = folders.findIndex(folder => folder === engineId || folder.endsWith(`-${engineId}.scope`))
    // '..' is outside of the cgroup namespace that we are in: joined to a mount point it would lead anywhere.
    if (at < 0 || folders.includes('..')) continue
    const path = folders.slice(0, at + 1).join('/')
    const start = path.lastIndexOf(engineId)
    return { before: path.slice(0, start), after: path.slice(start + engineId.length) }
  }
  return undefined
}
