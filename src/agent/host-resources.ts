import { statfs } from 'node:fs/promises'
import { availableParallelism, totalmem } from 'node:os'
import { ranges, scalar, type Quantities, type Quantity } from '../model/resources.ts'

/** What Mesos leaves to the system: a gigabyte of memory and five of disk, or half where there is less. */
const reservedMemMb = 1024
const reservedDiskMb = 5 * 1024
const defaultPorts = [[31000, 32000]] as const

/** All that this host has to give. mem and disk are in MB. */
export async function hostResources (workDir: string): Promise<Quantities> {
  const { bavail, bsize } = await statfs(workDir)
  return new Map<string, Quantity>([
    ['cpus', scalar(availableParallelism())],
    ['mem', scalar(leave(totalmem() / (1 << 20), reservedMemMb))],
    ['disk', scalar(leave(bavail * bsize / (1 << 20), reservedDiskMb))],
    ['ports', ranges(defaultPorts)],
  ])
}

function leave (totalMb: number, reservedMb: number): number {
  return Math.floor(totalMb > 2 * reservedMb ? totalMb - reservedMb : totalMb / 2)
}
