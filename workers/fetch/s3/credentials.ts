import { readFileSync } from 'node:fs'
import { AgentError, messageOf } from '../../../src/model/errors.ts'
import type { S3Options } from '../../../src/model/transfer-options.ts'

export interface S3Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/** Of the file that the operator names, read anew each time since they are exchanged; else of the agent's environment; undefined: nobody's. */
export function s3Credentials ({ credentialsFile }: S3Options, env: NodeJS.ProcessEnv): S3Credentials | undefined {
  if (credentialsFile !== undefined) return fromFile(credentialsFile, env['AWS_PROFILE'] ?? 'default')
  return credentialsOf(name => env[name.toUpperCase()])
}

function fromFile (path: string, profile: string): S3Credentials {
  const rows = sectionOf(textOf(path), profile)
  const found = credentialsOf(name => rows.get(name))
  if (found === undefined) throw failure(`has no aws_access_key_id and aws_secret_access_key for the profile ${JSON.stringify(profile)}`)
  return found
}

function credentialsOf (get: (name: string) => string | undefined): S3Credentials | undefined {
  const [accessKeyId = '', secretAccessKey = '', sessionToken = ''] = ['aws_access_key_id', 'aws_secret_access_key', 'aws_session_token'].map(get)
  if (accessKeyId === '' || secretAccessKey === '') return undefined
  return { accessKeyId, secretAccessKey, ...sessionToken === '' ? {} : { sessionToken } }
}

function sectionOf (text: string, profile: string): Map<string, string> {
  const rows = new Map<string, string>()
  let section = ''
  for (const line of text.split('\n').map(one => one.trim())) {
    const [, name] = /^\[\s*(?:profile\s+)?(.+?)\s*\]$/.exec(line) ?? []
    const [, key = '', value = ''] = /^([^#;=\s]+)\s*=\s*(.*)$/.exec(line) ?? []
    if (name !== undefined) section = name
    else if (key !== '' && section === profile) rows.set(key.toLowerCase(), value)
  }
  return rows
}

function textOf (path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw failure(`cannot be read: ${messageOf(error)}`)
  }
}

function failure (message: string): AgentError {
  return new AgentError('FETCH_FAILED', `the file of --s3-credentials ${message}`)
}
