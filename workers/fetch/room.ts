import { statfsSync } from 'node:fs'
import { AgentError } from '../../src/model/errors.ts'
import type { TransferOptions } from '../../src/model/transfer-options.ts'
import { amount } from './amount.ts'

/** How much of one task's files may still come. Shared by its transfers. */
export interface Allowance {
  /** Takes back what is negative. */
  take (bytes: number): void
  /** Throws if so much more is too much. */
  check (bytes: number): void
}

export function allowanceOf ({ maxBytes }: TransferOptions): Allowance {
  let taken = 0
  const check = (bytes: number): void => {
    if (maxBytes > 0 && taken + bytes > maxBytes) {
      throw new AgentError('FETCH_FAILED', `the files of one task may have ${amount(maxBytes, undefined)} together (--fetch-max-size)`)
    }
  }
  return {
    check,
    take (bytes) {
      taken += bytes
      check(0)
    },
  }
}

/** Free space is asked for anew whenever so much was written. */
const checkEvery = 32 * 2 ** 20

/** Watches that a transfer leaves on the disk what must stay free. */
export class Room {
  #unchecked = 0
  readonly #folder: string
  readonly #freeBytes: number

  constructor (folder: string, { freeBytes }: TransferOptions) {
    this.#folder = folder
    this.#freeBytes = freeBytes
  }

  /** Before so many bytes come; 0: nobody knows how many. */
  check (bytes: number): void {
    const { bavail, bsize } = statfsSync(this.#folder)
    const free = bavail * bsize
    this.#unchecked = 0
    if (free - bytes >= this.#freeBytes) return
    const wanted = bytes > 0 ? `${amount(bytes, undefined)} are to come` : 'more is to come'
    throw new AgentError('DISK_FULL', `${wanted}, and the disk has ${amount(free, undefined)} free, of which ${amount(this.#freeBytes, undefined)} ` +
      'must stay so (--fetch-free-space)')
  }

  /** So much has come. */
  wrote (bytes: number): void {
    this.#unchecked += bytes
    if (this.#unchecked >= checkEvery) this.check(0)
  }
}
