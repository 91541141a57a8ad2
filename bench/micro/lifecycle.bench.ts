import type { Bench } from 'tinybench'
import { next, type Move, type State } from '../../src/model/lifecycle.ts'
import { check } from './register.ts'

const life: readonly Move[] = ['admit', 'started', 'cancel', 'exit', 'remove']

export default function (bench: Bench): void {
  bench.add('lifecycle: 1,000 lives of 5 moves', () => {
    for (let i = 0; i < 1000; i++) {
      let state: State = 'queued'
      for (const move of life) state = next(state, move)
      check(state === 'gone')
    }
  })
}
