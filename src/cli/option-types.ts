import { InvalidArgumentError, type Command } from 'commander'
import { messageOf } from '../model/errors.ts'
import { parseDuration, type SettingType } from '../model/setting-types.ts'

/** Where the agent is, for every command that asks one. */
export function withServer (command: Command): Command {
  return command
    .option('--master <url>', 'Where the agent is (SLIPWAY_MASTER; default: http://127.0.0.1:5051).')
    .option('--token-file <file>', 'A file with the agent\'s token (else SLIPWAY_TOKEN; default: that of this host\'s agent).')
}

export function collect (text: string, earlier: readonly string[] = []): string[] {
  return [...earlier, text]
}

export function parsed<T> (type: SettingType<T>): (text: string) => T {
  return text => orInvalid(() => type.parse(text))
}

export function parsedTime (text: string): number {
  return orInvalid(() => parseDuration(text))
}

export function parsedGrace (text: string): number {
  return orInvalid(() => parseDuration(text, 0))
}

export function decimal (min: number, max: number): (text: string) => number {
  return text => {
    const value = /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : NaN
    if (value >= min && value <= max) return value
    throw new InvalidArgumentError(`Expected a number from ${min} to ${max}.`)
  }
}

function orInvalid<T> (parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    throw new InvalidArgumentError(`${messageOf(error)}.`)
  }
}
