import type { Bench } from 'tinybench'
import { encodeRecord, RecordDecoder } from '../../src/wire/record-io.ts'
import { check } from './register.ts'

const body = Buffer.alloc(1000, 'x')
const count = 1000

export default function (bench: Bench): void {
  bench.add('record-io: encode 1,000 records of 1,000 bytes', () => {
    let bytes = 0
    for (let i = 0; i < count; i++) bytes += encodeRecord(body).length
    check(bytes === count * 1005)
  })
  const stream = Buffer.concat(Array<Buffer>(count).fill(encodeRecord(body)))
  for (const chunkBytes of [100, 65536]) {
    bench.add(`record-io: decode 1,000 records of 1,000 bytes in chunks of ${chunkBytes}`, () => {
      const decoder = new RecordDecoder()
      let records = 0
      for (let at = 0; at < stream.length; at += chunkBytes) records += decoder.push(stream.subarray(at, at + chunkBytes)).length
      check(records === count)
    })
  }
}
