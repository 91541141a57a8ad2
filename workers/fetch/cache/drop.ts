import { renameSync, rmSync } from 'node:fs'
import type { Input, Output } from '../../../src/pool/jobs.ts'
import type { OnStep } from './fill.ts'
import { places } from './places.ts'

/** Removes an entry; gone already is as good. Links to its file that sandboxes have stay as they are. */
export async function drop ({ dir, id }: Input<'dropCache'>, onStep: OnStep = () => {}): Promise<Output<'dropCache'>> {
  try {
    renameSync(places.entry(dir, id), places.outgoing(dir, id))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  onStep('out')
  rmSync(places.outgoing(dir, id), { recursive: true, force: true })
  onStep('gone')
}
