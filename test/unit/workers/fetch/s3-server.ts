import { createHash, createHmac } from 'node:crypto'
import type { IncomingHttpHeaders, RequestListener } from 'node:http'

export interface Keys { readonly accessKeyId: string, readonly secretAccessKey: string, readonly sessionToken?: string, readonly region: string }
export interface Signed { readonly method: string, readonly url: string, readonly headers: IncomingHttpHeaders }

const maxSkewMs = 15 * 60_000

/** Why a request's signature is none, as the documentation of Signature Version 4 says; undefined: it is good. Written from that alone. */
export function signatureFault (request: Signed, keys: Keys, nowMs: number): string | undefined {
  const [, keyId, date = '', region = '', signed = '', given] =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/
      .exec(request.headers.authorization ?? '') ?? []
  const time = header(request, 'x-amz-date')
  if (keyId !== keys.accessKeyId) return 'InvalidAccessKeyId'
  if (region !== keys.region) return 'AuthorizationHeaderMalformed'
  if (keys.sessionToken !== undefined && header(request, 'x-amz-security-token') !== keys.sessionToken) return 'InvalidToken'
  const missing = ['host', ...Object.keys(request.headers).filter(name => name.startsWith('x-amz-'))].find(name => !signed.split(';').includes(name))
  if (missing !== undefined) return 'AccessDenied'
  const at = Date.parse(time.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
  if (!(Math.abs(nowMs - at) < maxSkewMs)) return 'RequestTimeTooSkewed'
  const toSign = ['AWS4-HMAC-SHA256', time, `${date}/${region}/s3/aws4_request`, sha256(canonical(request, signed))].join('\n')
  const key = [date, region, 's3', 'aws4_request'].reduce<Buffer | string>((last, word) => hmac(last, word), `AWS4${keys.secretAccessKey}`)
  return hmac(key, toSign).toString('hex') === given ? undefined : 'SignatureDoesNotMatch'
}

function canonical (request: Signed, signed: string): string {
  const [path = '', query = ''] = request.url.split('?')
  const pairs = query.split('&').filter(Boolean).map(pair => (pair.includes('=') ? pair : `${pair}=`)).sort()
  const headers = signed.split(';').map(name => `${name}:${header(request, name).trim().replace(/ +/g, ' ')}\n`).join('')
  return [request.method, path, pairs.join('&'), headers, signed, header(request, 'x-amz-content-sha256')].join('\n')
}

function header ({ headers }: Signed, name: string): string {
  return String(headers[name] ?? '')
}

function sha256 (text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function hmac (key: Buffer | string, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

/** A store that gives its objects, by `/bucket/key` as it is decoded, to whoever signs with the keys. */
export function s3Store (keys: Keys, objects: Readonly<Record<string, RequestListener>>): RequestListener {
  return (request, response) => {
    const refuse = (status: number, code: string): void => {
      response.writeHead(status, { 'content-type': 'application/xml' }).end(`<?xml version="1.0"?>\n<Error><Code>${code}</Code><Message>no</Message></Error>`)
    }
    const fault = signatureFault({ method: request.method ?? '', url: request.url ?? '', headers: request.headers }, keys, Date.now())
    const object = objects[decodeURIComponent((request.url ?? '').split('?')[0] ?? '')]
    if (fault !== undefined) refuse(403, fault)
    else if (object === undefined) refuse(404, 'NoSuchKey')
    else object(request, response)
  }
}
