
const styles = { bold: [1, 22], dim: [2, 22], red: [31, 39], green: [32, 39], yellow: [33, 39] } as const
export type Style = keyof typeof styles

/** What of a tty's WriteStream is asked for; other streams have none of it. */
export interface MaybeTerminal { readonly isTTY?: boolean | undefined, readonly columns?: number | undefined }

/** What a stream can show. */
export interface Terminal {
  /** Characters a line; undefined where it is no terminal. */
  readonly columns: number | undefined
  /** Colours the text where colours are wanted. */
  paint (text: string, style: Style | undefined): string
}

/** Colours on a terminal only, and not where NO_COLOR is set (https://no-color.org) or the terminal has none. */
export function terminalOf (stream: MaybeTerminal, env: NodeJS.ProcessEnv = process.env): Terminal {
  const isTerminal = stream.isTTY === true
  const isColoured = isTerminal && !env['NO_COLOR'] && env['TERM'] !== 'dumb'
  return {
    columns: isTerminal ? stream.columns || 80 : undefined,
    paint (text, style) {
      if (!isColoured || style === undefined || text === '') return text
      const [on, off] = styles[style]
      return `\x1b[${on}m${text}\x1b[${off}m`
    },
  }
}

/** What others have written, made harmless for a terminal: it could move the cursor, or pretend to be us. */
export function printable (text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ')
}
