import { AgentError } from '../../src/model/errors.ts'
import { schemeOf, shownUri, type FetchUri } from '../../src/model/uri.ts'
import { pathFault, plainPath } from './safe-path.ts'

/** Where in the sandbox a URI's file goes. */
export function targetName (uri: FetchUri): string {
  const name = uri.outputFile ?? lastSegment(uri.value)
  const fault = name === '' || name.endsWith('/') || plainPath(name) === '' ? 'names no file' : pathFault(name)
  const given = uri.outputFile === undefined ? 'name' : 'output_file'
  if (fault !== undefined) throw new AgentError('SPEC_INVALID', `${shownUri(uri.value)}: its ${given} ${JSON.stringify(name)} ${fault}`)
  return plainPath(name)
}

/** A file for which another must be a folder, or the same name twice, cannot be. */
export function refuseClashes (targets: readonly string[]): void {
  const seen = new Set<string>()
  for (const target of targets) {
    if (seen.has(target)) throw new AgentError('SPEC_INVALID', `two URIs go to the same file ${JSON.stringify(target)}`)
    seen.add(target)
  }
  for (const target of targets) {
    const folder = foldersOf(target).find(name => seen.has(name))
    if (folder !== undefined) throw new AgentError('SPEC_INVALID', `one URI goes to the file ${JSON.stringify(folder)}, another below it`)
  }
}

function foldersOf (target: string): string[] {
  const parts = target.split('/')
  return parts.slice(1).map((_part, index) => parts.slice(0, index + 1).join('/'))
}

function lastSegment (value: string): string {
  if (schemeOf(value) === undefined) return value.slice(value.lastIndexOf('/') + 1)
  const path = new URL(value).pathname
  const segment = decoded(path.slice(path.lastIndexOf('/') + 1))
  // A decoded slash would make folders that nobody sees in the URI.
  if (!segment.includes('/')) return segment
  throw new AgentError('SPEC_INVALID', `${shownUri(value)}: its name has an encoded slash; give it an output_file`)
}

/** Percent-encoding that is none is left as it is. */
export function decoded (text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
