import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { chooseAb } from '../../../bench/ab/choose-ab.ts'
import { runAb, sides } from '../../../bench/ab/run-ab.ts'
import { eventually } from '../../support/eventually.ts'
import { sampleReport } from './sample-report.ts'

/** A project whose bench reports the number of its revision, and notes its turns; that of revision -1 never ends, nor does the build of -2. */
interface Project extends Disposable { readonly folder: string, readonly notes: string, readonly temporary: string }

function slowBuild (notes: string): string {
  return `fs.appendFileSync(${JSON.stringify(notes)}, 'compiler ' + process.pid); setInterval(() => {}, 1000)`
}

function program (rate: number, notes: string): string {
  return `import { spawnSync } from 'node:child_process'
    import { appendFileSync, writeFileSync } from 'node:fs'
    const words = process.argv.slice(2)
    appendFileSync(${JSON.stringify(notes)}, '${rate} ' + words.join(' ').replace(/ --json.*/, '') + '\\n')
    if (words[0] === 'build' && ${rate} === -2) spawnSync(process.execPath, ['-e', ${JSON.stringify(slowBuild(notes))}])
    else if (words[0] === 'bench' && ${rate} < 0) setInterval(() => {}, 1000)
    else if (words[0] === 'bench') writeFileSync(words.at(-1), ${JSON.stringify(JSON.stringify({ ...sampleReport, rows: [] }))}
      .replace('"rows":[]', '"rows":[{"name":"rate","unit":"/s","value":${rate},"better":"higher"}]'))`
}

function makeProject (...rates: number[]): Project {
  const temporary = mkdtempSync(join(tmpdir(), 'slipway-test-'))
  const [folder, notes] = [join(temporary, 'project'), join(temporary, 'notes')]
  const git = (...args: string[]): void => { execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], { cwd: folder, stdio: 'ignore' }) }
  execFileSync('git', ['init', '--quiet', folder], { stdio: 'ignore' })
  for (const rate of rates) {
    writeFileSync(join(folder, 'setup.mjs'), program(rate, notes))
    git('add', '.')
    git('commit', '--quiet', '-m', `rate ${rate}`)
    git('tag', `r${String(rate).replace('-', 'minus')}`)
  }
  return { folder, notes, temporary, [Symbol.dispose]: () => { rmSync(temporary, { recursive: true, force: true }) } }
}

function assertNothingLeft ({ folder }: Project): void {
  assert.doesNotMatch(execFileSync('git', ['worktree', 'list'], { cwd: folder, encoding: 'utf8' }), /slipway-ab-/)
  assert.deepEqual(readdirSync(join(folder, '.git')).filter(name => name === 'worktrees'), [])
}

const patience = (): AbortSignal => AbortSignal.timeout(60_000)

test('two revisions are built apart and measured in turns, and their medians compared', async () => {
  using project = makeProject(20, 25)
  const json = join(project.temporary, 'out.json')
  const table = await runAb({ revisions: ['r20', 'r25'], words: ['launch', '--count', '3'], rounds: 2, json }, project.folder, patience())
  assert.match(table, /^rate +20 \/s +25 \/s +1\.25 × +B$/m)
  assert.deepEqual(readFileSync(project.notes, 'utf8').trim().split('\n').map(line => line.replace(' -- launch --count 3', '')),
    ['20 build', '25 build', '20 bench', '25 bench', '25 bench', '20 bench'])
  assert.deepEqual(Object.values(JSON.parse(readFileSync(json, 'utf8')) as Record<string, unknown[]>).map(({ length }) => length), [2, 2])
  assertNothingLeft(project)
})

test('the folder as it is can be one of the two', async () => {
  using project = makeProject(20)
  writeFileSync(join(project.folder, 'setup.mjs'), program(30, project.notes))
  assert.match(await runAb({ revisions: ['r20', '.'], words: ['launch'], rounds: 1 }, project.folder, patience()), /^rate +20 \/s +30 \/s/m)
  assert.ok(existsSync(join(project.folder, 'setup.mjs')))
  assertNothingLeft(project)
})

test('a revision that git does not know is refused by its name, and nothing is left', async () => {
  using project = makeProject(20)
  for (const revision of ['nosuch', '--all', '']) {
    await assert.rejects(runAb({ revisions: ['r20', revision], words: ['launch'], rounds: 1 }, project.folder, patience()),
      new RegExp(`git knows no revision '${revision}'`))
    assertNothingLeft(project)
  }
})

test('an abort ends the turn that is under way, and nothing is left', async () => {
  using project = makeProject(20, -1)
  const controller = new AbortController()
  const run = assert.rejects(runAb({ revisions: ['r20', 'rminus1'], words: ['launch'], rounds: 1 }, project.folder, controller.signal), /interrupted/)
  await eventually(() => /-1 bench/.test(readFileSync(project.notes, 'utf8')), { withinMs: 30_000, reason: 'its turn' })
  controller.abort(new Error('interrupted'))
  await run
  assertNothingLeft(project)
})

test('an abort during a build ends the compiler as well', async () => {
  using project = makeProject(-2)
  const controller = new AbortController()
  const run = assert.rejects(runAb({ revisions: ['rminus2', '.'], words: ['launch'], rounds: 1 }, project.folder, controller.signal), /interrupted/)
  const compiler = await eventually(() => Number(/compiler (\d+)/.exec(readFileSync(project.notes, 'utf8'))?.[1] ?? assert.fail('not yet')))
  controller.abort(new Error('interrupted'))
  await run
  assert.throws(() => process.kill(compiler, 0), { code: 'ESRCH' })
  assertNothingLeft(project)
})

test('who goes first changes from round to round', () => {
  assert.deepEqual(sides(3).join(' '), 'a b b a a b')
})

test('options before the name of the bench are those of ab, the others the bench\'s', () => {
  assert.deepEqual(chooseAb(['--rounds', '2', 'main', '.', 'launch', '--count', '5', '--rounds', '9']),
    { revisions: ['main', '.'], words: ['launch', '--count', '5', '--rounds', '9'], rounds: 2 })
  assert.deepEqual(chooseAb(['main', '--json=o.json', 'HEAD', 'raw']), { revisions: ['main', 'HEAD'], words: ['raw'], rounds: 5, json: 'o.json' })
})

for (const [words, answer] of [
  [['main', 'HEAD'], /^Error: ab takes two revisions and the name of a bench/],
  [['--rounds', '0', 'a', 'b', 'raw'], /--rounds is a whole number from 1 on, not '0'/],
  [['--count', '3', 'a', 'b', 'raw'], /Unknown option '--count'/],
] as Array<[string[], RegExp]>) {
  test(`'ab ${words.join(' ')}' is refused`, () => {
    assert.throws(() => chooseAb(words), answer)
  })
}
