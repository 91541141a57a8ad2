import assert from 'node:assert/strict'
import { test } from 'node:test'
import { IllegalMove, moves, next, states, type Move, type State } from '../../../src/model/lifecycle.ts'

const allMoves = [...new Set(states.flatMap(state => Object.keys(moves[state])))] as Move[]

/** The table once more, as a reader would say it: a change of the life of a container is to be made twice. */
const expected: Readonly<Record<string, State>> = {
  'queued admit': 'launching', 'queued cancel': 'gone',
  'launching started': 'running', 'launching fail': 'failed', 'launching cancel': 'stopping',
  'running exit': 'exited', 'running cancel': 'stopping',
  'stopping exit': 'exited', 'stopping fail': 'failed', 'stopping gone': 'gone',
  'exited remove': 'gone', 'failed remove': 'gone',
}

for (const state of states) {
  for (const move of allMoves) {
    const to = expected[`${state} ${move}`]
    test(to === undefined ? `a container that is ${state} cannot ${move}` : `${move} makes a container that is ${state} ${to}`, () => {
      if (to !== undefined) assert.equal(next(state, move), to)
      else assert.throws(() => next(state, move), error => error instanceof IllegalMove && error.message === `a container that is ${state} cannot ${move}`)
    })
  }
}

test('every state reaches gone, and nothing leaves it', () => {
  const reaches = new Set<State>(['gone'])
  for (const _pass of states) {
    for (const state of states) if (Object.values<State>(moves[state]).some(to => reaches.has(to))) reaches.add(state)
  }
  assert.deepEqual(states.filter(state => !reaches.has(state)), [])
  assert.deepEqual(moves.gone, {})
})

test('every state but the first is the end of some move', () => {
  const ends = new Set(states.flatMap(state => Object.values<State>(moves[state])))
  assert.deepEqual(states.filter(state => !ends.has(state)), ['queued'])
})
