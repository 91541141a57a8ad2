import { statfs } from 'node:fs/promises'
import { availableParallelism, totalmem } from 'node:os'
import { ranges, scalar, type Quantities, type Quantity } from '../model/resources.ts'
import { parseResources } from '../model/resources-text.ts'

/** What Mesos leaves to the system: a gigabyte of memory and five of disk, or half where there is less. */
const reservedMemMb = 1024
const reservedDiskMb = 5 * 1024
const defaultPorts = [[31000, 32000]] as const

/** All that this host has to give: what the setting names, and what it does not name found out. mem and disk are in MB. */
export async function hostResources (setting: string | undefined, workDir: string): Promise<Quantities> {
  const { bavail, bsize } = await statfs(workDir)
  const found = new Map<string, Quantity>([
    ['cpus', scalar(availableParallelism())],
    ['mem', scalar(leave(totalmem() / (1 << 20), reservedMemMb))],
    ['disk', scalar(leave(bavail * bsize / (1 << 20), reservedDiskMb))],
    ['ports', ranges(defaultPorts)],
  ])
  return new Map([...found, ...parseResources(setting ?? '')])
}

function leave (totalMb: number, reservedMb: number): number {
  return Math.floor(totalMb > 2 * reservedMb ? totalMb - reservedMb : totalMb / 2)
}
