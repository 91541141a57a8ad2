import { serve } from '../../src/pool/serve.ts'
import { check } from './cache/check.ts'
import { drop } from './cache/drop.ts'
import { fill } from './cache/fill.ts'
import { load } from './cache/load.ts'
import { checkUris as checkThem, fetchUris } from './fetch-uris.ts'

export const fetch = serve<'fetch'>(fetchUris)
export const checkUris = serve<'checkUris'>(input => checkThem(input))
export const loadCache = serve<'loadCache'>(load)
export const fillCache = serve<'fillCache'>((input, context) => fill(input, context))
export const checkCache = serve<'checkCache'>(check)
export const dropCache = serve<'dropCache'>(input => drop(input))
export { ping } from '../../src/pool/serve.ts'
