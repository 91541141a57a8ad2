const kinds: Readonly<Record<number, string>> = { 0o14: 's', 0o12: 'l', 0o10: '-', 0o6: 'b', 0o4: 'd', 0o2: 'c', 0o1: 'p' }

/** A file's mode as `ls -l` writes it. */
export function modeText (mode: number): string {
  return (kinds[mode >> 12] ?? '?') + triple(mode >> 6, mode & 0o4000, 's') + triple(mode >> 3, mode & 0o2000, 's') + triple(mode, mode & 0o1000, 't')
}

/** The special bit stands in the place of x, in capitals where x is not set. */
function triple (bits: number, special: number, letter: string): string {
  const mayExecute = (bits & 1) !== 0
  const last = special === 0 ? (mayExecute ? 'x' : '-') : (mayExecute ? letter : letter.toUpperCase())
  return ((bits & 4) === 0 ? '-' : 'r') + ((bits & 2) === 0 ? '-' : 'w') + last
}
