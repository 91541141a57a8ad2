import { StringDecoder } from 'node:string_decoder'
import { Writable } from 'node:stream'

/** A line that goes on and on is told in pieces of this many characters. */
const longestLine = 1 << 20

/** Takes a log's bytes and writes a JSON object for each of its lines. */
export function jsonLines (stream: 'stdout' | 'stderr', to: Writable): Writable {
  const decoder = new StringDecoder('utf8')
  let begun = ''
  const print = (lines: readonly string[], done: (error?: Error | null) => void): void => {
    if (lines.length === 0) done()
    else to.write(lines.map(text => `${JSON.stringify({ stream, text })}\n`).join(''), done)
  }
  const lines = new Writable({
    write (chunk: Buffer, _encoding, done) {
      const lines = (begun + decoder.write(chunk)).split('\n')
      begun = lines.pop() ?? ''
      if (begun.length > longestLine) begun = (lines.push(begun), '')
      print(lines, done)
    },
    final (done) {
      begun += decoder.end()
      print(begun === '' ? [] : [begun], done)
    },
  })
  // Whoever writes learns by its write that nobody reads on.
  lines.on('error', () => {})
  return lines
}
