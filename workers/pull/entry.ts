import { serve } from '../../src/pool/serve.ts'
import { pullImage } from './pull-image.ts'

export const pull = serve<'pull'>(pullImage)
export { ping } from '../../src/pool/serve.ts'
