import type { Writable } from 'node:stream'
import { printable, type MaybeTerminal } from './terminal.ts'

/** One line at the bottom of a terminal that is written anew in place. */
export interface StatusLine {
  show (text: string): void
  /** Before anything else is written there. */
  clear (): void
}

const eraseLine = '\r\x1b[2K'

/** undefined where the stream is no terminal, or one that cannot erase. */
export function statusLine (stream: Writable & MaybeTerminal, env: NodeJS.ProcessEnv = process.env): StatusLine | undefined {
  if (stream.isTTY !== true || env['TERM'] === 'dumb') return undefined
  let isShown = false
  return {
    show (text) {
      // A line that fills the terminal would wrap, and could not be erased as one.
      const room = (stream.columns || 80) - 1
      const line = printable(text)
      stream.write(eraseLine + (line.length > room ? `${line.slice(0, room - 1)}…` : line))
      isShown = true
    },
    clear () {
      if (isShown) stream.write(eraseLine)
      isShown = false
    },
  }
}
