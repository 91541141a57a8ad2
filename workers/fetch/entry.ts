import { serve } from '../../src/pool/serve.ts'
import { fetchUris } from './fetch-uris.ts'

export const fetch = serve<'fetch'>(fetchUris)
export { ping } from '../../src/pool/serve.ts'
