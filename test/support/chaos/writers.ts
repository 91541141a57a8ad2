import { join } from 'node:path'

/** What containers print, a piece at a time; `i` is the piece's number. */
const pieces = {
  numbered: ['for j in 0 1 2 3 4 5 6 7 8 9; do echo line $((i*10+j)); done', 'for j in 0 1 2 3 4 5 6 7 8 9; do echo error $((i*10+j)); done'],
  identical: ['yes | head -n 1000', 'yes error | head -n 300'],
  random: ['head -c 20000 /dev/urandom | tr -d "\\n"', 'head -c 5000 /dev/urandom | tr -d "\\n"'],
  longLine: ['{ yes "line $i ä€𝄞" | head -n 6500 | tr -d "\\n"; echo; }', '{ yes "error $i ä€𝄞" | head -n 2000 | tr -d "\\n"; echo; }'],
} as const

export type WriterKind = keyof typeof pieces
export const writerKinds = Object.keys(pieces) as WriterKind[]

/** More than the longest piece: what a container that is killed has said it would write, and not written. */
export const longestPiece = 200_000

/** Each piece is on the disk before it is printed, so that what is in the log can be told from what is not. */
const put = 'put () { cat > /tmp/piece; cat /tmp/piece >> "$MESOS_SANDBOX/wrote.$1"; cat /tmp/piece >&$1; }'

/** A shell script that prints so many pieces on both streams. Both end with a newline: whether a long last line had one, no log of the engine tells. */
export function writerScript (kind: WriterKind, count: number): string {
  const [out, error] = pieces[kind]
  return `${put}; for i in $(seq ${count}); do ${out} | put 1; ${error} | put 2; sleep 0.1; done; echo | put 1; echo | put 2`
}

/** Where a stream is found in a sandbox, and where what was written to it. */
export function filesOf (sandbox: string): ReadonlyArray<{ readonly stream: string, readonly has: string, readonly wrote: string }> {
  return ['stdout', 'stderr'].map((stream, at) => ({ stream, has: join(sandbox, stream), wrote: join(sandbox, `wrote.${at + 1}`) }))
}
