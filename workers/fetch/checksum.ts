import { createHash, type Hash } from 'node:crypto'
import { AgentError } from '../../src/model/errors.ts'

/** What a file's content has to be, as `#sha256=…` at the end of its URI says. */
export interface Checksum { readonly algorithm: Algorithm, readonly hex: string }

const hexDigits = { sha256: 64, sha512: 128 } as const
type Algorithm = keyof typeof hexDigits

/** Of the fragment of a URI, with its #; fragments that say something else are of no use to us. */
export function checksumOf (fragment: string, shown: string): Checksum | undefined {
  const [, algorithm, hex = ''] = /^#(sha256|sha512)=(.*)$/i.exec(fragment) ?? []
  if (algorithm === undefined) return undefined
  const known = algorithm.toLowerCase() as Algorithm
  if (/^[0-9a-f]+$/i.test(hex) && hex.length === hexDigits[known]) return { algorithm: known, hex: hex.toLowerCase() }
  throw new AgentError('SPEC_INVALID', `${shown}: its #${known}= is not ${hexDigits[known]} hexadecimal digits`)
}

/** Counts the checksums of what comes, of those kinds that somebody wants. */
export class Digests {
  readonly #wanted: readonly Algorithm[]
  #hashes = new Map<Algorithm, Hash>()

  constructor (checksum: Checksum | undefined, wantsSha256: boolean) {
    this.#wanted = [...new Set([...checksum === undefined ? [] : [checksum.algorithm], ...wantsSha256 ? ['sha256' as const] : []])]
    this.restart()
  }

  restart (): void {
    this.#hashes = new Map(this.#wanted.map(algorithm => [algorithm, createHash(algorithm)]))
  }

  update (bytes: Uint8Array): void {
    for (const hash of this.#hashes.values()) hash.update(bytes)
  }

  /** Ends them all. */
  finish (): Partial<Record<Algorithm, string>> {
    return Object.fromEntries([...this.#hashes].map(([algorithm, hash]) => [algorithm, hash.digest('hex')]))
  }
}
