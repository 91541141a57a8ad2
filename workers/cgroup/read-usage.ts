import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ContainerUsage } from '../../src/model/container-usage.ts'
import type { KnownContainer } from '../../src/pool/jobs.ts'
import { isWhole, processesIn, type Cgroups, type ContainerCgroups } from './cgroups.ts'
import { readNetworkTable } from './container-process.ts'
import type { Figures } from './figures.ts'
import { readKernelFile } from './kernel-file.ts'
import { networkFigures } from './network-figures.ts'
import { v1Files } from './v1-figures.ts'
import { v2Files } from './v2-figures.ts'

/** Reading is sync; after so many containers a cancel, or another job of this thread, gets its turn. */
const containersAtOnce = 25

type Usage = ContainerUsage | undefined

/** One after the other; one that is gone is undefined. */
export async function readUsages (cgroups: Cgroups, containers: readonly KnownContainer[], signal: AbortSignal): Promise<Usage[]> {
  const usages: Usage[] = []
  for (const [at, container] of containers.entries()) {
    if (at % containersAtOnce === 0) await nextTurn()
    signal.throwIfAborted()
    usages.push(readUsage(cgroups, container))
  }
  return usages
}

function readUsage (cgroups: Cgroups, container: KnownContainer): Usage {
  const found = cgroups.find(container)
  if (found === undefined) return undefined
  const table = readNetworkTable(cgroups.root, container)
  const usage = { ...readFigures(found), ...(table === undefined ? {} : networkFigures(table)), timestamp: Date.now() / 1000 }
  return isWhole(found) ? usage : undefined
}

/** On a hybrid host both tell of CPU time: v2 in microseconds, v1 in hundredths of a second. */
function readFigures (found: ContainerCgroups): Figures {
  const { v1, unified } = found
  const figures: Figures = {}
  for (const [controller, file, reader] of v1Files) add(figures, v1.get(controller), file, reader)
  for (const [file, reader] of v2Files) add(figures, unified, file, reader)
  const processes = processesIn(found)
  return processes === undefined ? figures : { ...figures, processes }
}

function add (figures: Figures, folder: string | undefined, file: string, reader: (text: string) => Figures): void {
  const text = folder && readKernelFile(join(folder, file))
  if (text !== undefined) Object.assign(figures, reader(text))
}
