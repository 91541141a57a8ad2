/** An entry as it is to stand in the archive, however wrong. */
export interface TarEntry {
  name: string
  body?: string | Uint8Array
  /** The header's type letter: 0 file, 1 hard link, 2 symbolic link, 3 and 4 devices, 5 folder, 6 fifo, x for pax. */
  type?: string
  mode?: number
  link?: string
  /** What the header says, if not the truth. */
  size?: number
}

const blockBytes = 512

/** A ustar archive with its end mark. */
export function tarOf (entries: readonly TarEntry[]): Buffer {
  return Buffer.concat([...entries.map(tarEntry), Buffer.alloc(2 * blockBytes)])
}

/** One entry: header and padded body. */
export function tarEntry ({ name, body = '', type = '0', mode = 0o644, link = '', size }: TarEntry): Buffer {
  const content = Buffer.from(body as string)
  const header = Buffer.alloc(blockBytes)
  header.write(name, 0, 100)
  header.write(octal(mode, 7), 100)
  header.write(octal(0, 7), 108)
  header.write(octal(0, 7), 116)
  header.write(octal(size ?? content.length, 11), 124)
  header.write(octal(1_700_000_000, 11), 136)
  header.write(' '.repeat(8), 148)
  header.write(type, 156)
  header.write(link, 157, 100)
  header.write('ustar\x0000', 257)
  header.write(`${octal(header.reduce((sum, byte) => sum + byte, 0), 6)}\0 `, 148)
  return Buffer.concat([header, content, Buffer.alloc((blockBytes - content.length % blockBytes) % blockBytes)])
}

/** A pax header for the entry after it. */
export function paxEntry (fields: Record<string, string>): Buffer {
  const body = Object.entries(fields).map(([key, value]) => paxLine(` ${key}=${value}\n`)).join('')
  return tarEntry({ name: 'PaxHeader', type: 'x', body })
}

/** Each line begins with its own length, in bytes, these digits included. */
function paxLine (rest: string): string {
  const bytes = Buffer.byteLength(rest)
  const digits = String(bytes + String(bytes).length).length
  return `${bytes + digits}${rest}`
}

function octal (value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0')
}
