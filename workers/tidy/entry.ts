import { serve } from '../../src/pool/serve.ts'
import { diskUse } from './disk-use.ts'
import { discard } from './discard.ts'
import { findSandboxes } from './find-sandboxes.ts'

export const sandboxes = serve<'sandboxes'>((input, { signal }) => findSandboxes(input, signal))
export const discardSandbox = serve<'discardSandbox'>((input, { signal }) => discard(input, signal))
export const disk = serve<'disk'>(async ({ path }) => ({ usedRatio: diskUse(path) }))
export { ping } from '../../src/pool/serve.ts'
