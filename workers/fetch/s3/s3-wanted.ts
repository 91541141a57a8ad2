import { AwsV4Signer } from 'aws4fetch'
import { AgentError } from '../../../src/model/errors.ts'
import type { S3Options } from '../../../src/model/transfer-options.ts'
import type { Wanted } from '../http/follow-redirects.ts'
import { s3Credentials } from './credentials.ts'
import type { S3Place } from './s3-place.ts'

/** How an object is asked for: at the operator's store by path, at Amazon's by the name of the bucket. */
export function s3Wanted (place: S3Place, options: S3Options, env: NodeJS.ProcessEnv = process.env): Wanted {
  const url = objectUrl(place, options)
  const credentials = place.keys ?? s3Credentials(options, env)
  return {
    url, chosenBy: 'operator', explain: codeOf,
    async authorize (at, headers, method) {
      // A store sends one to its other regions; anybody else must not get a signature to try.
      if (at.host !== url.host && !isAmazons(at)) throw new AgentError('FETCH_FAILED', `the store redirects to ${at.host}, which is not its own`)
      if (credentials === undefined) return headers
      const region = regionOf(at) ?? options.region
      // Of the headers none but the signer's own: a proxy may change the others.
      const signer = new AwsV4Signer({ ...credentials, method, url: at.href, service: 's3', region })
      return { ...headers, ...Object.fromEntries((await signer.sign()).headers) }
    },
  }
}

const amazon = /(^|\.)amazonaws\.com(\.cn)?$/

function objectUrl ({ bucket, key, versionId }: S3Place, { endpoint, region }: S3Options): URL {
  // A bucket whose name has dots is not covered by the store's certificate.
  const isByPath = endpoint !== undefined || bucket.includes('.') || bucket !== bucket.toLowerCase()
  const url = new URL(endpoint ?? `https://${isByPath ? '' : `${bucket}.`}s3.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`)
  const parts = [...isByPath ? [bucket] : [], ...key.split('/')]
  url.pathname = `${url.pathname.replace(/\/$/, '')}/${parts.map(encoded).join('/')}`
  if (versionId !== undefined) url.searchParams.set('versionId', versionId)
  return url
}

/** As the signature wants it; a store takes a plus for a space. */
function encoded (part: string): string {
  return encodeURIComponent(part).replace(/[!'()*]/g, char => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}

function isAmazons (url: URL): boolean {
  return url.protocol === 'https:' && amazon.test(url.hostname)
}

function regionOf (url: URL): string | undefined {
  return isAmazons(url) ? /\.?s3[.-]([a-z]{2}-[a-z-]+-\d)\.amazonaws/.exec(url.hostname)?.[1] : undefined
}

function codeOf (body: string): string | undefined {
  return /<Code>([\w.]{1,100})<\/Code>/.exec(body)?.[1]
}
