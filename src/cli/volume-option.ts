import type { v1 } from '../wire/messages.ts'
import { UsageError } from './report.ts'

/** "SOURCE:TARGET[:ro|:rw]": a path of the agent's host, one relative to the sandbox ("./data"), or the name of a volume. */
export function volume (written: string): v1.Volume {
  const [source = '', target = '', mode = 'rw', more] = written.split(':')
  if (source === '' || target === '' || more !== undefined || (mode !== 'ro' && mode !== 'rw')) {
    throw new UsageError(`-v ${written}: expected SOURCE:TARGET or SOURCE:TARGET:ro`)
  }
  const into = { container_path: target, mode: mode === 'ro' ? 'RO' : 'RW' } as const
  if (!source.includes('/')) return { ...into, source: { type: 'DOCKER_VOLUME', docker_volume: { name: source } } }
  return { ...into, host_path: source.replace(/^(\.\/)+/, '') }
}
