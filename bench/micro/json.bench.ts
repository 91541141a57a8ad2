import type { Bench } from 'tinybench'
import { parseJson, printJson, readJson } from '../../src/wire/json.ts'
import { recorded } from './recordings.ts'
import { check } from './register.ts'

export default function (bench: Bench): void {
  const acceptText = JSON.stringify(recorded('request', 'ACCEPT'))
  bench.add(`json: parse a recorded ACCEPT of ${acceptText.length} bytes`, () => {
    const { accept } = parseJson('scheduler.Call', readJson(acceptText))
    check(accept?.operations?.[0]?.launch?.task_infos?.[0]?.task_id.value === 'task-d')
  })
  const offers = parseJson('scheduler.Event', recorded('event', 'OFFERS'))
  const { length } = printJson('scheduler.Event', offers)
  bench.add(`json: print a recorded OFFERS of ${length} bytes`, () => {
    check(printJson('scheduler.Event', offers).length === length)
  })
}
