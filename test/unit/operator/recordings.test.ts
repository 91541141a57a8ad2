import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeProtobuf } from '../../../src/wire/protobuf.ts'
import { openRecordedAgent, recordedWorkDir, recordings, type Recorded } from './recorded-agent.ts'

/** Not answered here, or on purpose in another way, each with its reason. Compared with the name of the recording. */
const otherAnswers: ReadonlyArray<readonly [RegExp, string]> = [
  [/\.json$/, 'the older names are aliases here: tools of both times are served'],
  [/^(running|finished)\/(health|version)$|\/health$/, 'tells more: see docs/API.md'],
  [/\/logging\/toggle\?|^SET_LOGGING_LEVEL /, 'the level of the log does not change while the agent runs'],
  [/ \/(help|__processes__|profiler\/start)$/, 'pages about Mesos itself'],
  [/api\/v1\/resource_provider$/, 'there are no resource providers'],
  [/^root GET \/$/, 'is the agent\'s own page'],
  [/^(unknown path|path) .*(\/nope|\/roles|\/redirect|\(1\)|slave\/state)$|monitor\(1\)/, 'a 404 says which path there is not'],
]

/** Where a body differs from the recording, by place; `*` is any place in a list. */
const otherValues: ReadonlyArray<readonly [RegExp, string]> = [
  [/(^|\.)version$|build_(date|time|user)$|^mesos_version$/, 'the version is that of Slipway, and nothing is built'],
  [/^start_time$|^timestamp$|system\/|^(avg_load|cpus_total|mem_(free|total)_bytes)|uptime_secs|recovery_time_secs/, 'is of this run and this host'],
  [/^capabilities\.|^capabilities$/, 'only what is true here is claimed'],
  [/(^|\.)flags(\.|$)/, 'flags are compared by agent-state.test.ts'],
  [/^master_hostname$/, 'the master is this agent itself'],
  [/allocated\.|\.resources\.(cpus|mem)$|(cpus|mem)_(used|percent)$/, 'there is no executor beside the container that takes 0.1 cpus and 32 MB'],
  [/executor_info\.(command|resources|shutdown_grace_period)/, 'as above: the container is what stands for the executor'],
  [/\.timestamp$|cpus_soft_limit$/, 'the time of a sample is its own; 0.25 is told as 0.25'],
  [/statuses\.\*\.data$/, 'the inspect is for the framework: it holds the environment'],
  [/cache_size_total_bytes|task_fetches_succeeded|executor_directory_max_allowed_age_secs|path_removals_pending/, 'the fetcher and the disk of the recording were others'],
  [/file_infos\.\*\.(uid|gid|size)$/, 'is that of whoever runs the test, and of the file system'],
  [/(in)?valid_framework_messages$/, 'is not counted'],
]

interface Compared { same: number, excused: number, readonly faults: string[] }

/** Leaf by leaf, both ways. */
function compare (ours: unknown, theirs: unknown, place: string, found: Compared): void {
  const isExcused = otherValues.some(([pattern]) => pattern.test(place))
  if (isExcused) { found.excused += leaves(theirs); return }
  if (Array.isArray(theirs) && Array.isArray(ours)) {
    if (ours.length !== theirs.length) found.faults.push(`${place}: ${ours.length} entries, not ${theirs.length}`)
    theirs.forEach((one: unknown, at) => { compare(ours[at], one, join(place, '*'), found) })
  } else if (isObject(theirs) && isObject(ours)) {
    for (const key of new Set([...Object.keys(ours), ...Object.keys(theirs)])) compare(ours[key], theirs[key], join(place, key), found)
  } else if (Object.is(ours, theirs)) {
    found.same += 1
  } else {
    found.faults.push(`${place}: ${shown(ours)}, not ${shown(theirs)}`)
  }
}

function shown (value: unknown): string { return String(JSON.stringify(value)).slice(0, 80) }

function leaves (value: unknown): number {
  return typeof value === 'object' && value !== null ? Object.values(value).reduce((sum: number, one) => sum + leaves(one), 0) : 1
}

function join (place: string, key: string): string { return place === '' ? key : `${place}.${key}` }

function isObject (value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

interface Metrics { readonly metrics?: ReadonlyArray<{ readonly name: string, readonly value: number }> }

/** The lists of metrics are maps. */
function unfolded (value: unknown): unknown {
  const { metrics } = (value as { get_metrics?: Metrics }).get_metrics ?? {}
  return metrics === undefined ? value : { type: 'GET_METRICS', ...Object.fromEntries(metrics.map(one => [one.name, one.value])) }
}

async function ask (url: string, { request: { method, path, headers, json, body } }: Recorded, here: (text: string) => string): Promise<Response> {
  const kept = headers.filter(([name]) => ['Content-Type', 'Accept'].includes(name))
  const text = json === undefined ? body ?? '' : JSON.stringify(json)
  const content = method === 'POST' ? { body: new Blob([here(text)]) } : {}
  return await fetch(url + here(path), { method, headers: kept, ...content })
}

const total: Compared = { same: 0, excused: 0, faults: [] }
let [answered, others] = [0, 0]

for (const [name, when, exchange] of recordings()) {
  if (otherAnswers.some(([pattern]) => pattern.test(name))) { others++; continue }
  test(`${name} is answered as recorded`, async t => {
    const { door, workDir } = await openRecordedAgent(t, when)
    const here = (text: string): string => text.replaceAll(recordedWorkDir, workDir)
    const answer = await ask(door.url, exchange, here)
    const bytes = Buffer.from(await answer.arrayBuffer())
    const { status, headers, json, body } = exchange.response
    assert.equal(answer.status, status, bytes.toString())
    for (const [header, value] of headers.filter(([header]) => ['Content-Type', 'Allow'].includes(header))) assert.equal(answer.headers.get(header), value)
    const found: Compared = { same: 0, excused: 0, faults: [] }
    const isProtobuf = headers.some(([, value]) => value === 'application/x-protobuf')
    if (isProtobuf) assert.deepEqual(decodeProtobuf('agent.Response', bytes), decodeProtobuf('agent.Response', Buffer.from(body ?? '', 'latin1')))
    else if (json === undefined && body?.includes('jsonp') !== true) compare(bytes.toString(), jsonpOf(body ?? '', bytes.toString()), '', found)
    else compare(unfolded(JSON.parse(bytes.toString())), unfolded(JSON.parse(here(JSON.stringify(json)))), '', found)
    total.same += found.same
    total.excused += found.excused
    answered++
    assert.deepEqual(found.faults, [])
  })
}

/** A state within a script is compared where it stands alone: here it is enough that it is one. */
function jsonpOf (recorded: string, ours: string): string {
  const wrap = /^([\w$]+)\(\{.*\}\)$/s
  const name = wrap.exec(recorded)?.[1]
  return name !== undefined && name === wrap.exec(ours)?.[1] ? ours : recorded
}

test('nearly everything that was recorded is compared', t => {
  t.diagnostic(`${answered} exchanges compared, ${others} answered otherwise with a reason; `
    + `${total.same} values the same, ${total.excused} others for ${otherValues.length} reasons`)
  assert.ok(answered >= 75 && total.same > 1000)
})
