import { constants } from 'node:fs'
import { open, readFile } from 'node:fs/promises'
import { AgentError, messageOf } from '../../model/errors.ts'
import { checkProfile } from './check-profile.ts'
import { nativeProfile } from './native-profile.ts'
import type { Profile } from './profile.ts'

const engineDefault = new URL('../../../../src/engine/seccomp/moby-20.10.24-seccomp.json', import.meta.url)
const maxBytes = 1 << 20

/** What containers get as their seccomp profile; undefined: what the engine gives them. Throws SETTING_INVALID, naming the field of the file. */
export async function loadSeccompProfile (setting: string): Promise<string | undefined> {
  if (setting === 'engine') return undefined
  if (setting === 'native') return JSON.stringify(nativeProfile(JSON.parse(await readFile(engineDefault, 'utf8')) as Profile))
  try {
    const written = await textOf(setting)
    checkProfile(JSON.parse(written))
    return withoutSpace(written)
  } catch (error) {
    throw new AgentError('SETTING_INVALID', `seccompProfile: ${setting}: ${messageOf(error)}`)
  }
}

async function textOf (path: string): Promise<string> {
  await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const about = await file.stat()
  if (!about.isFile()) throw new Error('expected a file')
  if (about.size > maxBytes) throw new Error(`expected a file of at most ${maxBytes} bytes`)
  return await file.readFile('utf8')
}

/** As it was written but for the space between its words: not all of its numbers fit into ours. */
function withoutSpace (json: string): string {
  return json.replace(/("(?:[^"\\]|\\.)*")|\s+/g, '$1')
}
