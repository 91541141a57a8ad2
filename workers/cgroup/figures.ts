import type { ContainerUsage } from '../../src/model/container-usage.ts'

export type Figures = Omit<ContainerUsage, 'timestamp'>
type Figure = keyof Figures

/** Takes what it knows from the text of one file. What is not there, or is no number, is left out. */
export type Reader = (text: string) => Figures

/** By the kernel's name: the figure, and how many of the kernel's units make one of ours. */
export type Goals = Readonly<Record<string, Figure | readonly [Figure, unitsPerOne: number]>>

export type Pair = readonly [key: string | undefined, value: string | undefined]

/** A file of one number. "max" is no number: there is no limit. */
export function single (figure: Figure): Reader {
  return text => pick({ it: figure }, [['it', text.trim()]])
}

/** A file of lines, each a key and a number. */
export function keyed (goals: Goals): Reader {
  return text => pick(goals, text.split('\n').map(line => line.split(' ')).map(([key, value]) => [key, value]))
}

/** What comes twice (once a device, once an interface) is added up. */
export function pick (goals: Goals, pairs: readonly Pair[]): Figures {
  const figures: Partial<Record<Figure, number>> = {}
  for (const [key = '', value = ''] of pairs) {
    const goal = Object.hasOwn(goals, key) ? goals[key] : undefined
    if (goal === undefined || !/^\d+$/.test(value)) continue
    const [figure, unitsPerOne] = typeof goal === 'string' ? [goal, 1] as const : goal
    figures[figure] = (figures[figure] ?? 0) + Number(value) / unitsPerOne
  }
  return figures
}

/** For files in which nothing means zero. */
export function zeros (goals: Goals): Pair[] {
  return Object.keys(goals).map(key => [key, '0'])
}
