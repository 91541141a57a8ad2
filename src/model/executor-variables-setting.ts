import { messageOf } from './errors.ts'
import { path, type SettingType } from './setting-types.ts'

/** Environment variables as a JSON object, whose values nobody is shown again, or the path of one. */
export const executorVariables: SettingType<string> = {
  shown: 'json|path',
  form: 'a JSON object of texts, `{"NAME": "value"}`; or the path of one, with or without `file://`',
  redact: value => typeof value === 'string' && !isJson(value) ? value : '(hidden)',
  parse (written) {
    if (!isJson(written)) return path.parse(written.replace(/^file:\/\//, ''))
    parseVariables(written)
    return written.trim()
  },
}

/** Throws an Error that says what was expected; values are in no message. */
export function parseVariables (text: string): Readonly<Record<string, string>> {
  const variables = Object.entries(objectIn(text))
  for (const [name, value] of variables) {
    if (name === '' || /[=\0]/.test(name)) throw new Error(`expected names of variables, without '=': ${JSON.stringify(name)} is none`)
    if (typeof value !== 'string' || value.includes('\0')) throw new Error(`expected a text as the value of ${name}`)
  }
  return Object.fromEntries(variables)
}

export function isJson (text: string): boolean {
  return /^\s*[{["]/.test(text)
}

function objectIn (text: string): object {
  const wanted = 'expected a JSON object of texts, {"NAME": "value"}'
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new Error(`${wanted}, and it is no JSON${/at position \d+/.exec(messageOf(error))?.[0].replace(/^/, ' ') ?? ''}`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(wanted)
  return value
}
