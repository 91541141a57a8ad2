import { readFile } from 'node:fs/promises'
import { AgentError, messageOf } from '../../model/errors.ts'
import { isJson, parseVariables } from '../../model/executor-variables-setting.ts'

/** What an operator gives all executors in their environment: the setting itself, or the file that it names. Throws SETTING_INVALID. */
export async function operatorVariables (setting = '{}'): Promise<Readonly<Record<string, string>>> {
  try {
    return parseVariables(isJson(setting) ? setting : await readFile(setting, 'utf8'))
  } catch (error) {
    throw new AgentError('SETTING_INVALID', `executorEnvironmentVariables: ${isJson(setting) ? '' : `${setting}: `}${messageOf(error)}`)
  }
}
