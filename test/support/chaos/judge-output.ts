import { longestPiece } from './writers.ts'

export interface Output {
  /** What the container wrote, or was about to write when it was killed; bytes as latin1. */
  readonly wrote: string
  /** What the sandbox has. */
  readonly has: string
  readonly wasKilled: boolean
  /** So many engines died while it ran: each may have left a marked gap. */
  readonly maxGaps: number
}

export interface Verdict {
  readonly gaps: number
  /** Of the container's, in the sandbox. */
  readonly bytes: number
  /** Missing where gaps are marked; what is missing behind the last one of a task that was killed is not told from what it never wrote. */
  readonly missing: readonly number[]
  readonly fault: { readonly kind: 'lost' | 'doubled', readonly told: string } | undefined
}

/** One for each engine that died, at most. */
const lossMark = /the engine was lost here: output may be missing|output is missing here: the engine did not keep it/
/** What an engine's death may lead to besides, once. */
const laterMarks = [
  /the container was removed: output may be missing/, /the engine did not give the rest in time/,
  /output may be missing here: its place in the engine's log is lost/,
]
/** As often as a pipe is laid. */
const damageMark = /the engine cannot read its log: output may be missing/
const mark = new RegExp(`\\n\\[slipway\\] \\S+ (?:${[lossMark, ...laterMarks, damageMark].map(({ source }) => source).join('|')})\\n`)

/** All that was written, in order, once; what is missing is missing at a mark. */
export function judgeOutput (output: Output): Verdict {
  const parts = output.has.split(mark)
  const bytes = parts.reduce((sum, part) => sum + part.length, 0)
  const missing: number[] = []
  return { gaps: parts.length - 1, bytes, missing, fault: output.maxGaps > 0 ? faultAround(parts, output, missing) : faultIn(parts, output) }
}

function faultIn (parts: readonly string[], { wrote, has, wasKilled }: Output): Verdict['fault'] {
  if (parts.length > 1) return { kind: 'lost', told: `${parts.length - 1} gaps are marked, and no engine died` }
  if (has === wrote) return undefined
  if (wasKilled && isBeginning(has, wrote) && wrote.length - has.length <= longestPiece) return undefined
  const told = `${has.length} bytes of ${wrote.length}, other from byte ${firstDifference(has, wrote)} on`
  return { kind: has.length < wrote.length ? 'lost' : 'doubled', told }
}

/** Each part is found in what was written, after the one before; the first at its beginning, the last at its end. */
function faultAround (parts: readonly string[], { wrote, has, wasKilled, maxGaps }: Output, missing: number[]): Verdict['fault'] {
  const losses = has.split(lossMark).length - 1
  const later = laterMarks.reduce((sum, one) => sum + has.split(one).length - 1, 0)
  if (later > 1) return { kind: 'lost', told: `${later} times it is told what came of a loss` }
  if (losses > maxGaps) return { kind: 'lost', told: `${losses} gaps are marked, and ${maxGaps} engines died` }
  let from = 0
  for (const [index, part] of parts.entries()) {
    const isLast = index === parts.length - 1
    const at = placeOf(part, wrote, { from, isFirst: index === 0, isLast, wasKilled })
    if (at === undefined) {
      const told = `part ${index + 1} of ${parts.length} (${part.length} bytes) is not what was written next, from byte ${from} of ${wrote.length}: ` +
        breakOf(part, wrote, from)
      return { kind: part.length > wrote.length - from ? 'doubled' : 'lost', told }
    }
    if (index > 0) missing.push(at - from)
    from = at + part.length
  }
  return undefined
}

interface Where { readonly from: number, readonly isFirst: boolean, readonly isLast: boolean, readonly wasKilled: boolean }

function placeOf (part: string, wrote: string, { from, isFirst, isLast, wasKilled }: Where): number | undefined {
  if (isLast && !wasKilled) {
    const at = wrote.length - part.length
    return at >= from && (at === 0 || !isFirst) && wrote.endsWith(part) ? at : undefined
  }
  // A log that ends in a long line is given a newline, whether there was one or not.
  const asTold = isLast && part.endsWith('\n') ? [part, part.slice(0, -1)] : [part]
  return asTold.map(text => isFirst ? wrote.startsWith(text) ? 0 : -1 : wrote.indexOf(text, from)).find(at => at >= 0)
}

const toldBytes = 20_000

/** How far it is as it was written, and with what it goes on. */
function breakOf (part: string, wrote: string, from: number): string {
  let [agrees, differs] = [0, part.length]
  while (differs - agrees > 1) {
    const middle = (agrees + differs) >> 1
    if (wrote.includes(part.slice(0, middle), from)) agrees = middle
    else differs = middle
  }
  const rest = part.slice(agrees, agrees + toldBytes)
  const begins = wrote.indexOf(part.slice(0, agrees), from)
  return `${agrees} bytes from ${begins} on are, then comes ${JSON.stringify(rest.slice(0, 20))}, which is at ${wrote.indexOf(rest)}`
}

/** The same of a whole log. */
function isBeginning (part: string, wrote: string): boolean {
  return placeOf(part, wrote, { from: 0, isFirst: true, isLast: true, wasKilled: true }) === 0
}

function firstDifference (one: string, other: string): number {
  let at = 0
  while (at < one.length && one[at] === other[at]) at++
  return at
}
