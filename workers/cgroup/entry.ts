import { serve } from '../../src/pool/serve.ts'
import { openCgroups } from './cgroups.ts'
import { clearRemnants } from './clear-remnants.ts'
import { isolateContainer } from './isolate-container.ts'
import { readUsages } from './read-usage.ts'
import { signalContainer } from './signal-container.ts'
import { socketOwner as findSocketOwner } from './socket-owner.ts'
import { updateLimits } from './update-limits.ts'

const cgroups = openCgroups('/')

export const isolate = serve<'isolate'>(async input => isolateContainer(cgroups, input))
export const signal = serve<'signal'>(input => signalContainer(cgroups, input))
export const clear = serve<'clear'>(input => clearRemnants(cgroups, input))
export const update = serve<'update'>(async input => updateLimits(cgroups, input))
export const usage = serve<'usage'>(({ containers }, { signal }) => readUsages(cgroups, containers, signal))
export const socketOwner = serve<'socketOwner'>(({ containers, socket }, { signal }) => findSocketOwner(cgroups, containers, socket, signal))
export { ping } from '../../src/pool/serve.ts'
