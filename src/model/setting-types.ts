import { isIP } from 'node:net'
import { resolve } from 'node:path'

/** A kind of value: how people write it, and what the program gets. `parse` throws an Error that says what was expected. */
export interface SettingType<T> {
  /** Stands in --help behind the flag, as in `--port <number>`. */
  readonly shown: string
  /** What may be written, for docs/config.md. */
  readonly form: string
  parse (text: string): T
  /** What others may see of it. */
  readonly redact?: (value: unknown) => string
}

/** setTimeout runs at once when told to wait longer than this. */
const longestMs = 2 ** 31 - 1

const unitMs: Record<string, number> = {
  ms: 1,
  s: 1000, secs: 1000,
  m: 60_000, mins: 60_000,
  h: 3_600_000, hrs: 3_600_000,
  d: 86_400_000, days: 86_400_000,
  w: 604_800_000, weeks: 604_800_000,
}

const unitBytes: Record<string, number> = {
  '': 1, b: 1,
  k: 2 ** 10, kb: 2 ** 10,
  m: 2 ** 20, mb: 2 ** 20,
  g: 2 ** 30, gb: 2 ** 30,
  t: 2 ** 40, tb: 2 ** 40,
}

export function text (form: string, pattern: RegExp = /\S/): SettingType<string> {
  return {
    shown: 'text',
    form,
    parse: written => pattern.test(written) ? written : refuse(form),
  }
}

export const flag: SettingType<boolean> = {
  shown: 'boolean',
  form: '`true` or `false`',
  parse (written) {
    if (['true', '1', 'yes', 'on'].includes(written.toLowerCase())) return true
    if (['false', '0', 'no', 'off'].includes(written.toLowerCase())) return false
    return refuse('true or false')
  },
}

export function count (min: number, max: number): SettingType<number> {
  const form = `a whole number from ${min} to ${max}`
  return {
    shown: 'number',
    form,
    parse: written => /^(-(?!0))?\d{1,15}$/.test(written) && +written >= min && +written <= max ? +written : refuse(form),
  }
}

/** Milliseconds for the program; people always write a unit, so that nobody mistakes seconds for milliseconds. */
export function duration (minMs = 1): SettingType<number> {
  return {
    shown: 'time',
    form: minMs > 0 ? 'a time' : 'a time, `0s` too',
    parse: written => parseDuration(written, minMs),
  }
}

export function parseDuration (written: string, minMs = 1): number {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)([a-z]+)$/.exec(written.trim()) ?? []
  const scale = Object.hasOwn(unitMs, unit) ? unitMs[unit] : undefined
  if (amount === undefined || scale === undefined) return refuse('a time with its unit, such as 500ms, 5s, 10m or 1h')
  const ms = Math.round(+amount * scale)
  if (ms < minMs) return refuse(`a time of at least ${minMs}ms`)
  if (ms > longestMs) return refuse('a time of at most 24d')
  return ms
}

export const bytes: SettingType<number> = {
  shown: 'size',
  form: 'a size',
  parse (written) {
    const [, amount, unit = ''] = /^(\d{1,15})([a-z]*)$/.exec(written.trim().toLowerCase()) ?? []
    const scale = Object.hasOwn(unitBytes, unit) ? unitBytes[unit] : undefined
    const size = Number(amount) * (scale ?? NaN)
    return size >= 1 && Number.isSafeInteger(size) ? size : refuse('a size of at least one byte, such as 512k, 10m or 2g')
  },
}

/** A limit that may be left out. */
export const bytesOrZero: SettingType<number> = {
  ...bytes,
  form: 'a size, or 0',
  parse: written => written.trim() === '0' ? 0 : bytes.parse(written),
}

/** A part of a whole: 0.1 or 10%. */
export const fraction: SettingType<number> = {
  shown: 'part',
  form: 'a part from 0 to 1, or in percent, such as `0.1` or `10%`',
  parse (written) {
    const [, amount, percent] = /^(\d{1,3}(?:\.\d{1,9})?)(%?)$/.exec(written.trim()) ?? []
    const part = Number(amount) / (percent === '%' ? 100 : 1)
    return part >= 0 && part <= 1 ? part : refuse('a part from 0 to 1, or in percent, such as 0.1 or 10%')
  },
}

/** Words with commas between them; without any there are none. */
export function list (form: string, pattern: RegExp = /\S/): SettingType<readonly string[]> {
  return {
    shown: 'list',
    form: `${form}, with commas between them`,
    parse (written) {
      const words = written.split(',').map(word => word.trim()).filter(word => word !== '')
      return words.every(word => pattern.test(word)) ? words : refuse(form)
    },
  }
}

/** Some of a few words, or none of them. */
export function choices<const T extends string> (words: readonly T[]): SettingType<readonly T[]> {
  const { shown, parse } = list(`one of ${words.join(', ')}`, new RegExp(`^(${words.join('|')})$`))
  return { shown, form: `some of ${words.map(word => `\`${word}\``).join(', ')}, with commas between them`, parse: written => parse(written) as readonly T[] }
}

/** One of a few words, in upper or lower case; `synonyms` are the words of others for the same. */
export function choice<const T extends string> (words: readonly T[], synonyms: Readonly<Record<string, T>> = {}): SettingType<T> {
  return {
    shown: words.join('|'),
    form: words.map(word => `\`${word}\``).join(', '),
    parse (written) {
      const lower = written.toLowerCase()
      const word = words.find(word => word === lower) ?? (Object.hasOwn(synonyms, lower) ? synonyms[lower] : undefined)
      return word ?? refuse(`one of ${words.join(', ')}`)
    },
  }
}

/** A place on this host; made absolute, since containers and the engine have working directories of their own. */
export const path: SettingType<string> = {
  shown: 'path',
  form: 'a path; a relative one starts at the working directory',
  parse: written => written === '' ? refuse('a path') : resolve(written),
}

export const socketPath: SettingType<string> = {
  shown: 'path',
  form: 'the path of a unix socket, with or without `unix://`',
  parse (written) {
    if (/^(?!unix:)[a-z]+:\/\//.test(written)) return refuse('the path of a unix socket; an engine elsewhere cannot be used')
    return path.parse(written.replace(/^unix:\/\//, ''))
  },
}

export const address: SettingType<string> = {
  shown: 'address',
  form: 'an IPv4 or IPv6 address of this host; `0.0.0.0` is all of them',
  parse: written => isIP(written) > 0 ? written : refuse('an IP address'),
}

export function refuse (expected: string): never {
  throw new Error(`expected ${expected.replaceAll('`', '')}`)
}
