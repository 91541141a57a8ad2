import type { Bench } from 'tinybench'
import { parseJson } from '../../src/wire/json.ts'
import { decodeProtobuf, encodeProtobuf } from '../../src/wire/protobuf.ts'
import { recorded } from './recordings.ts'
import { check } from './register.ts'

export default function (bench: Bench): void {
  const accept = encodeProtobuf('scheduler.Call', parseJson('scheduler.Call', recorded('request', 'ACCEPT')))
  bench.add(`protobuf: decode a recorded ACCEPT of ${accept.length} bytes`, () => {
    check(decodeProtobuf('scheduler.Call', accept).type === 'ACCEPT')
  })
  const offers = parseJson('scheduler.Event', recorded('event', 'OFFERS'))
  const { length } = encodeProtobuf('scheduler.Event', offers)
  bench.add(`protobuf: encode a recorded OFFERS of ${length} bytes`, () => {
    check(encodeProtobuf('scheduler.Event', offers).length === length)
  })
}
