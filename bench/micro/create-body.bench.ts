import type { Bench } from 'tinybench'
import { createBody } from '../../src/engine/create-body.ts'
import type { ContainerSpec } from '../../src/model/container-spec.ts'
import { check } from './register.ts'

const spec: ContainerSpec = {
  containerId: 'c1', name: 'mesos-c1', image: 'registry:5000/app:3', forcePull: false, uris: [], command: { kind: 'shell', line: 'exec sleep 1000' },
  environment: Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`VARIABLE_${i}`, `value ${i}`])), network: 'bridge', cpus: 0.25, memBytes: 64 << 20,
  sandbox: { hostPath: '/srv/slipway/slaves/s/frameworks/f/executors/e/runs/c1', containerPath: '/mnt/mesos/sandbox' },
  labels: { 'slipway.agent': 'a', 'slipway.container': 'c1', 'slipway.task': 't', 'slipway.framework': 'f', 'slipway.executor': 't' }, graceMs: 5_000,
}

export default function (bench: Bench): void {
  bench.add('create-body: a spec with 20 variables, as JSON', () => {
    const body = JSON.stringify(createBody(spec, { maxSizeBytes: 10 << 20, maxFiles: 2 }))
    check(body.includes('VARIABLE_19=value 19'))
  })
}
