import { dirname } from 'node:path'
import { AgentError } from '../../src/model/errors.ts'
import type { TransferOptions } from '../../src/model/transfer-options.ts'
import { Digests, type Checksum } from './checksum.ts'
import { createFile, type NewFile } from './new-file.ts'
import type { Have, Remote } from './remote.ts'
import { allowanceOf, Room, type Allowance } from './room.ts'

export interface IncomingNeeds {
  readonly options: TransferOptions
  readonly checksum: Checksum | undefined
  readonly wantsSha256: boolean
  readonly allowance: Allowance | undefined
}

/** A file on its way to the disk, over as many attempts as it takes. */
export class Incoming implements Disposable {
  totalBytes: number | undefined
  readonly #file: NewFile
  readonly #digests: Digests
  readonly #allowance: Allowance
  readonly #room: Room
  readonly #needs: IncomingNeeds
  #remote: Remote | undefined
  #isStale = false

  constructor (path: string, needs: IncomingNeeds) {
    this.#needs = needs
    this.#file = createFile(path)
    this.#digests = new Digests(needs.checksum, needs.wantsSha256)
    this.#allowance = needs.allowance ?? allowanceOf(needs.options)
    this.#room = new Room(dirname(path), needs.options)
  }

  get bytes (): number { return this.#file.written }

  /** What the next attempt may go on with; undefined: it begins anew. */
  get have (): Have | undefined {
    if (this.bytes === 0 || this.#isStale || this.#remote?.canResume !== true) return undefined
    return { bytes: this.bytes, etag: this.#remote.etag, lastModified: this.#remote.lastModified, totalBytes: this.totalBytes }
  }

  /** What there is belongs to another version of the file. */
  spoil (): void { this.#isStale = true }

  /** So much of it has come to this disk by other means; throws if that is too much. */
  announce (bytes: number): void {
    this.#allowance.check(bytes)
    this.#room.check(0)
  }

  begin (remote: Remote): void {
    if (remote.offset !== this.bytes) this.#restart()
    this.#remote = remote
    this.#isStale = false
    this.totalBytes = remote.totalBytes
    const rest = Math.max(0, (remote.totalBytes ?? 0) - this.bytes)
    this.#allowance.check(rest)
    this.#room.check(rest)
  }

  append (chunk: Uint8Array): void {
    this.#allowance.take(chunk.length)
    this.#file.append(chunk)
    this.#digests.update(chunk)
    this.#room.wrote(chunk.length)
  }

  /** It is all there: is it what it should be? Gives what is known of its content. */
  finish (): { readonly sha256: string | undefined } {
    const { checksum, options } = this.#needs
    const digests = this.#digests.finish()
    const found = checksum && digests[checksum.algorithm]
    if (checksum !== undefined && found !== checksum.hex) {
      throw new AgentError('FETCH_FAILED', `its ${checksum.algorithm} is ${found}, and not ${checksum.hex} as the URI says`)
    }
    this.#file.finish(this.#remote?.mode ?? 0)
    if (options.sync) this.#file.sync()
    return { sha256: digests.sha256 }
  }

  [Symbol.dispose] (): void { this.#file[Symbol.dispose]() }

  #restart (): void {
    this.#allowance.take(-this.bytes)
    this.#file.restart()
    this.#digests.restart()
  }
}
