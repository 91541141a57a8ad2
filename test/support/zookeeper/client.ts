import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { bytes, flag, int, JuteReader, long, ustring } from '../../../src/detection/zookeeper/jute.ts'
import { packetCutter, sendPacket } from '../../../src/detection/zookeeper/packets.ts'

export type Kind = 'plain' | 'ephemeral' | 'ephemeral sequential'

const flags: Record<Kind, number> = { 'plain': 0, 'ephemeral': 1, 'ephemeral sequential': 3 }
const sessionMs = 20_000

/** A session that writes, as masters have one. Its ephemeral nodes go with it. */
export class ZooKeeperWriter implements AsyncDisposable {
  readonly #socket: Socket
  readonly #answers: JuteReader[] = []
  #onAnswer: (() => void) | undefined
  #xid = 0

  private constructor (socket: Socket) {
    this.#socket = socket
    const cut = packetCutter(packet => {
      this.#answers.push(new JuteReader(packet))
      this.#onAnswer?.()
    })
    socket.on('data', cut).on('error', () => {}).once('close', () => { this.#onAnswer?.() })
  }

  static async open (port: number): Promise<ZooKeeperWriter> {
    const socket = connect(port, '127.0.0.1')
    const writer = new ZooKeeperWriter(socket)
    await once(socket, 'connect')
    sendPacket(socket, int(0), long(0n), int(sessionMs), long(0n), bytes(Buffer.alloc(16)), flag(false))
    await writer.#answer()
    return writer
  }

  /** Answers the path that it has got. `digest`: only this user may read it. */
  async create (path: string, data: Uint8Array | string, kind: Kind = 'plain', digest?: string): Promise<string> {
    const acl = digest === undefined ? [int(31), ustring('world'), ustring('anyone')] : [int(31), ustring('digest'), ustring(hashed(digest))]
    const answer = await this.#ask(1, ustring(path), bytes(Buffer.from(data as string)), int(1), ...acl, int(flags[kind]))
    return answer.ustring()
  }

  async delete (path: string): Promise<void> { await this.#ask(2, ustring(path), int(-1)) }

  /** Ends the session: its nodes are gone at once. */
  async [Symbol.asyncDispose] (): Promise<void> {
    if (this.#socket.destroyed) return
    await this.#ask(-11).catch(() => {})
    this.#socket.destroy()
  }

  async #ask (operation: number, ...body: Buffer[]): Promise<JuteReader> {
    sendPacket(this.#socket, int(++this.#xid), int(operation), ...body)
    const answer = await this.#answer()
    answer.int()
    answer.long()
    const error = answer.int()
    if (error !== 0) throw new Error(`ZooKeeper answered with error ${error}`)
    return answer
  }

  async #answer (): Promise<JuteReader> {
    for (;;) {
      const answer = this.#answers.shift()
      if (answer) return answer
      if (this.#socket.destroyed) throw new Error('the connection to ZooKeeper is closed')
      await new Promise<void>(resolve => { this.#onAnswer = resolve })
    }
  }
}

function hashed (digest: string): string {
  return `${digest.split(':')[0]}:${createHash('sha1').update(digest).digest('base64')}`
}
