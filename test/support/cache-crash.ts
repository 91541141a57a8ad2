import { drop } from '../../workers/fetch/cache/drop.ts'
import { fill } from '../../workers/fetch/cache/fill.ts'
import { load } from '../../workers/fetch/cache/load.ts'

/** A program: does what a worker does to a cache, and dies at once where it is told to. Its arguments: the folder, what to do, the URI, the step. */
const [, , dir = '', what = '', uri = '', fatal = ''] = process.argv
const context = { signal: new AbortController().signal, progress () {} }

function onStep (step: string): void {
  if (step === fatal) process.kill(process.pid, 'SIGKILL')
}

const { entries } = await load({ dir }, context)
if (what === 'fill') await fill({ dir, id: 'new', uri, key: 'k'.repeat(64), user: undefined, stallMs: 10_000 }, context, onStep)
else await drop({ dir, id: entries[0]?.id ?? '' }, onStep)
