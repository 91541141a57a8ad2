import { randomFillSync } from 'node:crypto'
import { copyFileSync, linkSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FetchUri } from '../../src/model/uri.ts'
import { whole } from '../options.ts'
import type { Figure, Goal } from '../report/report.ts'
import { median } from '../report/spread.ts'
import { byTurns } from './fetch/by-turns.ts'
import { openFetchGround, type FetchGround } from './fetch/ground.ts'
import { run } from './fetch/program.ts'
import { archiveMegabytes, smallBytes } from './fetch/sizes.ts'
import { loadBench } from './load-bench.ts'

const options = {
  mb: whole(1000, 'MB of the large file'),
  count: whole(1000, 'small files'),
  'at-once': whole(8, 'how many of them at once, by us and by xargs'),
  tasks: whole(200, 'tasks that take the same cached file'),
  'cached-mb': whole(50, 'MB of that file'),
  rounds: whole(5, 'how often each way has its turn'),
}

/** Our rate by the other's. */
const goals = { large: 0.9, small: 2 }

export const fetch = {
  ...loadBench('files by http, from the cache and out of an archive, beside curl, cp and GNU tar', options, async ({ tell }, values) => {
    await using ground = await openFetchGround()
    const { rounds } = values
    const rows: Figure[] = []
    for (const [name, measure] of [
      ['a large file', () => large(ground, values.mb, rounds)],
      ['small files', () => small(ground, values.count, values['at-once'], rounds)],
      ['cached files', () => cached(ground, values.tasks, values['cached-mb'], rounds)],
      ['an archive', () => archive(ground, rounds)],
    ] as const) {
      tell(name)
      rows.push(...await measure())
    }
    return { rows }
  }),
  takesEngine: false,
}

function uriOf (value: string, more: Partial<FetchUri> = {}): FetchUri {
  return { value, executable: false, extract: true, outputFile: undefined, ...more }
}

async function large (ground: FetchGround, mb: number, rounds: number): Promise<Figure[]> {
  const uri = `${ground.origin}/large/${mb}`
  const check = (path: string): void => { if (statSync(path).size !== mb * 1e6) throw new Error(`${path} is not whole`) }
  const { ours, curl } = await byTurns(ground, rounds, {
    ours: async sandbox => { await ground.fetch(sandbox, { uris: [uriOf(uri)] }); check(join(sandbox, String(mb))) },
    curl: async sandbox => { await run('curl', ['-sSf', '-o', join(sandbox, 'x'), uri]); check(join(sandbox, 'x')) },
  })
  return rates({ name: `${mb} MB by http`, unit: 'MB/s', amount: mb, ours, other: curl, otherName: 'curl', goal: { of: 'value', atLeast: goals.large } })
}

async function small (ground: FetchGround, count: number, atOnce: number, rounds: number): Promise<Figure[]> {
  const uris = Array.from({ length: count }, (_none, at) => `${ground.origin}/small/${at}`)
  const check = (sandbox: string): void => {
    const names = readdirSync(sandbox)
    if (names.length !== count || names.some(name => statSync(join(sandbox, name)).size !== smallBytes)) throw new Error('not all small files came')
  }
  const { ours, curl } = await byTurns(ground, rounds, {
    ours: async sandbox => { await ground.fetch(sandbox, { uris: uris.map(uri => uriOf(uri)) }, atOnce); check(sandbox) },
    curl: async sandbox => {
      await run('xargs', ['-P', String(atOnce), '-n', '1', 'curl', '-sSf', '--output-dir', sandbox, '-O'], uris.join('\n'))
      check(sandbox)
    },
  })
  const name = `${count} files of ${smallBytes / 1000} kB`
  return rates({ name, unit: '1/s', amount: count, ours, other: curl, otherName: `xargs -P ${atOnce} curl`, goal: { of: 'value', atLeast: goals.small } })
}

/** As the cache hands it to a task that may share it. */
async function cached (ground: FetchGround, tasks: number, mb: number, rounds: number): Promise<Figure[]> {
  const path = join(ground.folder, 'cached')
  writeFileSync(path, Buffer.alloc(mb * 1e6, 'cached'), { mode: 0o444 })
  const file = { path, bytes: mb * 1e6, mayLink: true }
  const each = async (sandbox: string, work: (folder: string) => Promise<void> | void): Promise<void> => {
    for (let at = 0; at < tasks; at++) {
      const folder = join(sandbox, String(at))
      mkdirSync(folder)
      await work(folder)
    }
  }
  const { ours, ln, cp } = await byTurns(ground, rounds, {
    ours: async sandbox => { await each(sandbox, folder => ground.fetch(folder, { uris: [uriOf('http://cached/file', { extract: false })], cached: [file] })) },
    ln: async sandbox => { await each(sandbox, folder => { linkSync(path, join(folder, 'file')) }) },
    cp: async sandbox => { await each(join(sandbox), folder => { copyFileSync(path, join(folder, 'file')) }) },
  })
  const per = (times: readonly number[]): number => median(times) / tasks
  return [
    { name: `a cached file of ${mb} MB for a task`, unit: 'ms', value: per(ours), count: tasks * rounds, better: 'lower' },
    { name: 'the same, a link alone', unit: 'ms', value: per(ln), count: tasks * rounds, better: 'lower' },
    { name: 'the same, copied', unit: 'ms', value: per(cp), count: tasks * rounds, better: 'lower' },
    { name: 'a cached file by a copy of it', unit: '×', value: per(ours) / per(cp), count: rounds, better: 'lower', goals: [{ of: 'value', atMost: 0.5 }] },
  ]
}

async function archive (ground: FetchGround, rounds: number): Promise<Figure[]> {
  const content = join(ground.folder, 'content')
  mkdirSync(content)
  for (let at = 0; at < archiveMegabytes; at++) {
    const piece = Buffer.alloc(1e6, `line ${at} of a program's text; `)
    randomFillSync(piece, 0, 300_000)
    writeFileSync(join(content, `file-${at}`), piece)
  }
  const path = join(ground.folder, 'archive.tar.gz')
  await run('tar', ['-czf', path, '-C', ground.folder, 'content'])
  const file = { path, bytes: statSync(path).size, mayLink: false }
  const check = (sandbox: string): void => {
    if (readdirSync(join(sandbox, 'content')).length !== archiveMegabytes) throw new Error('the archive is not unpacked')
  }
  const { ours, tar } = await byTurns(ground, rounds, {
    ours: async sandbox => { await ground.fetch(sandbox, { uris: [uriOf('http://cached/archive.tar.gz')], cached: [file] }); check(sandbox) },
    tar: async sandbox => { await run('tar', ['-xzf', path, '-C', sandbox]); check(sandbox) },
  })
  return rates({ name: `a tar.gz of ${archiveMegabytes} MB`, unit: 'MB/s', amount: archiveMegabytes, ours, other: tar, otherName: 'GNU tar' })
}

interface Compared {
  readonly name: string
  readonly unit: string
  readonly amount: number
  readonly ours: readonly number[]
  readonly other: readonly number[]
  readonly otherName: string
  readonly goal?: Goal
}

function rates ({ name, unit, amount, ours, other, otherName, goal }: Compared): Figure[] {
  const rate = (times: readonly number[]): number => amount / median(times) * 1000
  return [
    { name, unit, value: rate(ours), count: ours.length, better: 'higher' },
    { name: `${name}, ${otherName}`, unit, value: rate(other), count: other.length, better: 'higher' },
    {
      name: `${name}, to ${otherName}`, unit: '×', value: median(ours.map((took, at) => (other[at] ?? NaN) / took)), count: ours.length, better: 'higher',
      ...goal === undefined ? {} : { goals: [goal] },
    },
  ]
}
