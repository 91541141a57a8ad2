import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Failure, say } from './failure.mjs'

const sourceFolders = ['src', 'workers', 'bench', 'test']

export function installPackages () {
  unlessStamped('node_modules/.slipway-stamp', contentHash(['package-lock.json']), () => {
    say('installing the packages of package-lock.json')
    run('npm', ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'])
  })
}

export function generateCode () {
  const inputs = ['package-lock.json', ...filesUnder('proto').filter(path => /\.(proto|mjs)$/.test(path))]
  unlessStamped('src/wire/generated/.stamp', contentHash(inputs), () => {
    say('generating code from proto/')
    run(process.execPath, ['proto/generate.mjs'])
  })
}

export function build () {
  const sources = sourceFolders.flatMap(filesUnder).filter(path => path.endsWith('.ts'))
  const facts = sources.map(path => `${path} ${statSync(path).size} ${statSync(path).mtimeMs}`).join('\n')
  const stamp = hash(facts, contentHash(['package-lock.json', 'tsconfig.json']))
  unlessStamped('dist/.stamp', stamp, () => {
    say('building')
    removeOrphans(new Set(sources))
    run(process.execPath, ['node_modules/typescript/bin/tsc', '--project', '.'])
    chmodSync('dist/src/main.js', 0o755)
  })
}

/** Compiled files whose source is gone; an orphaned test would go on running. */
function removeOrphans (sources) {
  for (const path of sourceFolders.flatMap(folder => filesUnder(join('dist', folder)))) {
    const source = path.replace(/^dist\//, '').replace(/\.js(\.map)?$/, '.ts')
    if (!sources.has(source)) rmSync(path)
  }
}

/** Does the work unless the stamp says that it was done for the same inputs; a failed or interrupted try leaves no stamp. */
function unlessStamped (path, stamp, work) {
  if (existsSync(path) && readFileSync(path, 'utf8').trim() === stamp) return
  rmSync(path, { force: true })
  work()
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, `${stamp}\n`)
}

function run (command, args) {
  const { status, signal, error } = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] })
  if (status !== 0) throw new Failure(`${[command, ...args].join(' ')} failed: ${error?.message ?? signal ?? `exit code ${status}`}`)
}

function filesUnder (folder) {
  if (!existsSync(folder)) return []
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  return entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name)).sort()
}

function contentHash (paths) {
  return hash(...paths.map(path => `${path}\n${readFileSync(path)}`))
}

function hash (...parts) {
  return createHash('sha256').update(parts.join('\n')).digest('hex')
}
