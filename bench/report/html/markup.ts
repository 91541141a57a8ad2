/** Text that is markup already. Nothing else gets into a page unescaped. */
export interface Markup { readonly markup: string }

type Piece = string | number | Markup | readonly Markup[]

/** What stands between the pieces is markup as written; a string among the pieces stays text, wherever it came from. */
export function html (written: TemplateStringsArray, ...pieces: readonly Piece[]): Markup {
  return { markup: written.map((part, at) => part + (at < pieces.length ? tell(pieces[at] as Piece) : '')).join('') }
}

function tell (piece: Piece): string {
  if (typeof piece === 'string') return escape(piece)
  if (typeof piece === 'number') return String(piece)
  return 'markup' in piece ? piece.markup : piece.map(({ markup }) => markup).join('\n')
}

function escape (text: string): string {
  return text.replace(/[&<>"'`]/g, character => `&#${character.charCodeAt(0)};`)
}
