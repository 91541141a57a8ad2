/** An option of a load bench: what it is for, what it may be, what it is when nobody says. */
export interface Option<T extends string | number = string | number> {
  readonly about: string
  /** For the help: N, host|bridge|none, … */
  readonly form: string
  readonly default: T
  /** undefined: it may not be that. */
  readonly read: (word: string) => T | undefined
}

export type Options = Readonly<Record<string, Option>>
export type Values<O extends Options> = { readonly [N in keyof O]: O[N]['default'] }

/** A whole number from `least` (1) on. */
export function whole (otherwise: number, about: string, least = 1): Option<number> {
  return { about, form: 'N', default: otherwise, read: word => /^\d{1,9}$/.test(word) && Number(word) >= least ? Number(word) : undefined }
}

/** A number from 0 on, with or without a fraction. */
export function amount (otherwise: number, about: string): Option<number> {
  return { about, form: 'X', default: otherwise, read: word => /^\d{1,9}(\.\d{1,9})?$/.test(word) ? Number(word) : undefined }
}

export function oneOf<const W extends string> (words: readonly [W, ...W[]], about: string): Option<W> {
  return { about, form: words.join('|'), default: words[0], read: word => words.find(one => one === word) }
}

export function text (otherwise: string, about: string, form = 'TEXT'): Option<string> {
  return { about, form, default: otherwise, read: word => word === '' ? undefined : word }
}
