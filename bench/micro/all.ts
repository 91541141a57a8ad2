import checkpoint from './checkpoint.bench.ts'
import createBody from './create-body.bench.ts'
import demultiplex from './demultiplex.bench.ts'
import json from './json.bench.ts'
import lanes from './lanes.bench.ts'
import lifecycle from './lifecycle.bench.ts'
import metrics from './metrics.bench.ts'
import protobuf from './protobuf.bench.ts'
import recordIo from './record-io.bench.ts'
import type { Register } from './register.ts'
import workers from './workers.bench.ts'

/** Every micro bench by the name that picks it. */
export const microBenches: Readonly<Record<string, Register>> = {
  checkpoint, 'create-body': createBody, demultiplex, json, lanes, lifecycle, metrics, protobuf, 'record-io': recordIo, workers,
}
