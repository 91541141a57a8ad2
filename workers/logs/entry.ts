import { serve } from '../../src/pool/serve.ts'
import { pipeLogs } from './pipe-logs.ts'

export const pipe = serve<'pipe'>(pipeLogs)
export { ping } from '../../src/pool/serve.ts'
