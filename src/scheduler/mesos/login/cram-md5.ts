import { createHmac } from 'node:crypto'
import type { Credential } from '../../../model/credential.ts'

export const mechanism = 'CRAM-MD5'

/** The answer of RFC 2195: who, and the challenge keyed with the secret. */
export function answerChallenge (challenge: Uint8Array, { principal, secret }: Credential): Uint8Array {
  return Buffer.from(`${principal} ${createHmac('md5', secret).update(challenge).digest('hex')}`, 'utf8')
}
