import { readdirSync, readFileSync } from 'node:fs'

export interface EngineMemory {
  /** dockerd and containerd, in MB. */
  readonly daemonsMb: number
  /** What containerd keeps beside each container. */
  readonly shimsMb: number
}

const shim = 'containerd-shim'
const daemons = new Set(['dockerd', 'containerd'])

/** Of all engines on this machine, or in this process namespace: their share of what they have in common with others is counted, no more. */
export function engineMemory (): EngineMemory {
  let [daemonsKb, shimsKb] = [0, 0]
  for (const pid of readdirSync('/proc').filter(name => /^\d+$/.test(name))) {
    const name = contentOf(`/proc/${pid}/comm`).trim()
    if (daemons.has(name)) daemonsKb += shareOf(pid)
    else if (name.startsWith(shim)) shimsKb += shareOf(pid)
  }
  return { daemonsMb: daemonsKb / 1024, shimsMb: shimsKb / 1024 }
}

function shareOf (pid: string): number {
  return Number(/^Pss:\s+(\d+)/m.exec(contentOf(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0)
}

/** A process may end while we look. */
function contentOf (path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
