import { isIP } from 'node:net'

/** Whom a libprocess message is for, or from: a process within a program, and where that listens. `slave(1)@127.0.0.1:5051`. */
export interface Upid {
  readonly id: string
  readonly ip: string
  readonly port: number
}

/** Ids become part of a path and of a header: nothing that means something there. */
const form = /^([\w.()-]{1,200})@(?:\[([0-9a-fA-F:.]{2,45})\]|([0-9.]{7,15})):(\d{1,5})$/

/** undefined: it is none that a message could be sent to. */
export function parseUpid (text: string): Upid | undefined {
  const [, id, v6, v4, digits] = form.exec(text) ?? []
  const ip = v6 ?? v4
  const port = Number(digits)
  if (id === undefined || ip === undefined || isIP(ip) === 0 || port < 1 || port > 65_535) return undefined
  return { id, ip, port }
}

export function upidText ({ id, ip, port }: Upid): string {
  return `${id}@${ip.includes(':') ? `[${ip}]` : ip}:${String(port)}`
}

/** Who says to have sent a request; undefined when it is no libprocess message. Old senders have the User-Agent alone. */
export function senderOf (headers: Readonly<Record<string, string | string[] | undefined>>): Upid | undefined {
  const from = headers['libprocess-from']
  if (typeof from === 'string') return parseUpid(from)
  const agent = headers['user-agent']
  return typeof agent === 'string' && agent.startsWith('libprocess/') ? parseUpid(agent.slice('libprocess/'.length)) : undefined
}
