import { serve } from '../../src/pool/serve.ts'
import { makeSandbox } from './make-sandbox.ts'
import { pipeLogs } from './pipe-logs.ts'

export const sandbox = serve<'sandbox'>(async ({ path }) => makeSandbox(path))
export const pipe = serve<'pipe'>(pipeLogs)
export { ping } from '../../src/pool/serve.ts'
