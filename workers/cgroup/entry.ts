import { serve } from '../../src/pool/serve.ts'
import { openCgroups } from './cgroups.ts'
import { isolateContainer } from './isolate-container.ts'
import { readUsages } from './read-usage.ts'

const cgroups = openCgroups('/')

export const isolate = serve<'isolate'>(async input => isolateContainer(cgroups, input))
export const usage = serve<'usage'>(({ containers }, { signal }) => readUsages(cgroups, containers, signal))
export { ping } from '../../src/pool/serve.ts'
