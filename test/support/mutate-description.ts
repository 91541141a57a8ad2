import fc from 'fast-check'

/** A valid task that uses nearly all that there is to ask for. */
export function richTask (): Record<string, unknown> {
  return {
    name: 'rich',
    task_id: { value: 'rich' },
    agent_id: { value: 'S0' },
    resources: [
      { name: 'cpus', type: 'SCALAR', scalar: { value: 0.1 }, allocation_info: { role: '*' } },
      { name: 'mem', type: 'SCALAR', scalar: { value: 32 }, allocation_info: { role: '*' } },
      { name: 'gpus', type: 'SCALAR', scalar: { value: 1 } },
      { name: 'ports', type: 'RANGES', ranges: { range: [{ begin: 31010, end: 31012 }] } },
    ],
    command: {
      shell: true, value: 'true', user: '1000', arguments: ['a', 'b'],
      uris: [{ value: 'file:///etc/hostname', executable: true, extract: false, cache: false, output_file: 'name' }],
      environment: { variables: [{ name: 'A', type: 'VALUE', value: '1' }, { name: 'B', value: '2' }] },
    },
    container: {
      type: 'DOCKER', hostname: 'web', tty_info: {},
      docker: {
        image: 'busybox:latest', network: 'BRIDGE', force_pull_image: false, privileged: false,
        port_mappings: [{ host_port: 31010, container_port: 80, protocol: 'tcp' }, { host_port: 31011, container_port: 53, protocol: 'udp' }],
        parameters: [{ key: 'label', value: 'team=x' }, { key: 'cap-drop', value: 'NET_ADMIN' }, { key: 'workdir', value: '/tmp' }],
      },
      volumes: [
        { container_path: '/rel', host_path: 'relative', mode: 'RW' }, { container_path: 'in', host_path: '/tmp', mode: 'RO' },
        { container_path: '/named', mode: 'RW', source: { type: 'DOCKER_VOLUME', docker_volume: { driver: 'local', name: 'volume' } } },
      ],
      rlimit_info: { rlimits: [{ type: 'RLMT_NOFILE', soft: 1024, hard: 2048 }, { type: 'RLMT_CORE' }] },
    },
    health_check: {
      type: 'COMMAND', command: { value: 'true' }, delay_seconds: 1, interval_seconds: 1, timeout_seconds: 1, grace_period_seconds: 1, consecutive_failures: 3,
    },
    check: { type: 'TCP', tcp: { port: 80 }, delay_seconds: 1, interval_seconds: 1, timeout_seconds: 1 },
    kill_policy: { grace_period: { nanoseconds: 1_000_000 } },
    max_completion_time: { nanoseconds: 5_000_000_000 },
    limits: { cpus: { value: 1 }, mem: { value: 64 } },
    labels: { labels: [{ key: 'slipway.priority', value: '2' }] },
    discovery: { visibility: 'FRAMEWORK', name: 'web', ports: { ports: [{ number: 80, name: 'http', protocol: 'tcp' }] } },
  }
}

const ways = ['remove', 'replace', 'replace', 'alike', 'alike', 'repeat', 'swap'] as const

export interface Change {
  readonly base: number
  readonly place: number
  readonly other: number
  readonly how: typeof ways[number]
  readonly value: unknown
}

/** What it was, where it was changed (names from the outside in), and what it is now. */
export interface Changed { readonly info: Record<string, unknown>, readonly path: readonly string[] }

const odd = [
  null, '', ' ', 'NaN', 'Infinity', '-1', '..', '.', '/', '../../etc/passwd', 'a/b', 'a:b:c', '\u0000', '\ud800', 'ünïcödé', '\u202e', '%00',
  '$(id)', '`id`', '\r\n', '*', '__proto__',
  'x'.repeat(300), 'x'.repeat(20_000), 'HOST', 'USER', 'privileged', 'restart', '-v', '--privileged', 'no such thing', 'http://[', 'file:///nowhere',
  0, -0, -1, 0.5, 1e308, -1e308, 2 ** 31, 2 ** 53, 2 ** 64, -(2 ** 63), 65_536, '-9223372036854775808', '18446744073709551616', true, false,
  [], {}, [[]], [null], { value: null }, { value: '*' }, ['x'], { labels: 7 }, Array(500).fill({}), { ['__proto__']: { type: 'DOCKER' } },
]

export const change: fc.Arbitrary<Change> = fc.record({
  base: fc.nat(9_999), place: fc.nat(1_000_000), other: fc.nat(1_000_000),
  how: fc.constantFrom(...ways),
  value: fc.oneof(fc.constantFrom(...odd), fc.constantFrom(...odd), fc.jsonValue(), fc.string({ unit: 'grapheme' }), fc.double(), fc.integer()),
})

/** Changes one field of a task; the ids are left alone, or nobody would know which task is told of. */
export function changed (base: Record<string, unknown>, { place, how, value, other }: Change): Changed {
  const info = structuredClone(base)
  const places = [...placesIn(info, [])].filter(({ path }) => path[0] !== 'task_id' && path[0] !== 'agent_id')
  const { owner, path } = places[place % places.length]!
  const key = path.at(-1)!
  const second = places[other % places.length]!
  if (how === 'remove') delete owner[key]
  else if (how === 'replace') owner[key] = value
  else if (how === 'alike') owner[key] = alike(owner[key], other, value)
  else if (how === 'repeat') owner[key] = Array(3).fill(owner[key])
  else owner[key] = structuredClone(second.owner[second.path.at(-1)!])
  return { info, path }
}

/** What may stand there by its type, so that it is the business that must refuse it. */
function alike (old: unknown, pick: number, value: unknown): unknown {
  if (Array.isArray(old)) return [...old as unknown[], ...old as unknown[]]
  const others = odd.filter(one => typeof one === typeof old && one !== null)
  return typeof old === typeof value && value !== null ? value : others[pick % Math.max(1, others.length)] ?? value
}

interface Place { readonly owner: Record<string, unknown>, readonly path: readonly string[] }

function * placesIn (json: unknown, path: readonly string[]): Generator<Place> {
  if (typeof json !== 'object' || json === null) return
  for (const [key, value] of Object.entries(json)) {
    yield { owner: json as Record<string, unknown>, path: [...path, key] }
    yield * placesIn(value, [...path, key])
  }
}
