/** The stages of a launch, in order; fetch and pull run side by side. */
export const stages = ['prepare', 'fetch', 'pull', 'create', 'attach', 'start', 'isolate', 'register'] as const
export type Stage = typeof stages[number]

/** The life of a container. docs/lifecycle.md is drawn from this table. */
export const moves = {
  queued:    { admit: 'launching', cancel: 'gone' },
  launching: { started: 'running', fail: 'failed', cancel: 'stopping' },
  running:   { exit: 'exited', cancel: 'stopping' },
  stopping:  { exit: 'exited', fail: 'failed', gone: 'gone' },
  exited:    { remove: 'gone' },
  failed:    { remove: 'gone' },
  gone:      {},
} as const satisfies Record<string, Record<string, string>>

export type State = keyof typeof moves
export const states = Object.keys(moves) as State[]
export type Move = { [S in State]: keyof typeof moves[S] }[State]

export class IllegalMove extends Error {
  constructor (state: State, move: Move) { super(`a container that is ${state} cannot ${move}`) }
}

/** The state after a move. Throws IllegalMove where the table has none. */
export function next (state: State, move: Move): State {
  const to = (moves[state] as Partial<Record<Move, State>>)[move]
  if (to === undefined) throw new IllegalMove(state, move)
  return to
}
