import { translateWords } from '../../src/engine/translate-error.ts'
import { AgentError } from '../../src/model/errors.ts'
import { streamOf, type StreamNumber } from './demultiplex.ts'

/** One entry of the engine's log. */
export interface Entry {
  readonly stream: StreamNumber
  /** As the engine writes it, with nanoseconds: such times compare as text. */
  readonly time: string
  /** Valid during the call only. */
  readonly bytes: Buffer
  /** The engine has left out a newline after it. At the end of a stream it may as well have been none. */
  readonly owesNewline: boolean
}

const headerBytes = 8
/** A frame that is no output: the engine says what went wrong with the log, and ends it there. */
const troubleStream = 3
const newline = 0x0a
const timeChars = '2026-01-02T03:04:05.123456789Z'.length
const prefixBytes = timeChars + 1
/** A longer line is logged in parts of this, all with one time; the last of them is shorter, and has lost its newline. */
export const partBytes = 16 << 10
/** The engine's entries are 16 KB; no driver knows larger ones than this. */
const maxEntryBytes = 4 << 20

/** Takes the engine's log apart: frames as those of an attach, each with one entry that begins with its time and a blank. */
export function logEntries (onEntry: (entry: Entry) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0)
  const splitAt: Record<StreamNumber, string> = { 1: '', 2: '' }
  return chunk => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    let at = 0
    for (let end = endOf(bytes, at); end <= bytes.length; end = endOf(bytes, at)) {
      const text = at + headerBytes
      if (bytes[at] === troubleStream) throw translateWords(bytes.toString('utf8', text, end), 'logs')
      if (end - text < prefixBytes || bytes[text + timeChars] !== 0x20) throw new AgentError('ENGINE_REFUSED', 'an entry of the log has no time')
      const stream = streamOf(bytes[at])
      const time = bytes.toString('latin1', text, text + timeChars)
      const length = end - text - prefixBytes
      const isWholeLine = length > 0 && bytes[end - 1] === newline
      const owesNewline = !isWholeLine && length < partBytes && time === splitAt[stream]
      splitAt[stream] = !isWholeLine && length === partBytes ? time : ''
      onEntry({ stream, time, bytes: bytes.subarray(text + prefixBytes, end), owesNewline })
      at = end
    }
    rest = Buffer.from(bytes.subarray(at))
  }
}

/** Where the frame ends, there yet or not. */
function endOf (bytes: Buffer, at: number): number {
  if (bytes.length - at < headerBytes) return Infinity
  const length = bytes.readUInt32BE(at + 4)
  if (length > maxEntryBytes) throw new AgentError('ENGINE_REFUSED', `the log has an entry of ${length} bytes`)
  return at + headerBytes + length
}

/** A moment of our own clock in the engine's form. */
export function timeText (ms: number): string {
  return `${new Date(ms).toISOString().slice(0, -1)}000000Z`
}
