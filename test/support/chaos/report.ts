import type { Verdict } from './judge-output.ts'

export type Wrong = 'lost' | 'leaked' | 'doubled'

/** What a run has seen. */
export class Report {
  readonly seed: number
  rounds = 0
  tasks = 0
  bytes = 0
  gaps = 0
  emptyGaps = 0
  largestGap = 0
  readonly strikes: Record<string, number> = {}
  readonly ends: Record<string, number> = {}
  /** What was said of those that ended otherwise than they should have without faults. */
  readonly reasons: Record<string, number> = {}
  readonly wrongs: Record<Wrong, string[]> = { lost: [], leaked: [], doubled: [] }

  constructor (seed: number) { this.seed = seed }

  struck (fault: string): void { this.strikes[fault] = (this.strikes[fault] ?? 0) + 1 }

  ended (state: string, reason: string | undefined): void {
    this.ends[state] = (this.ends[state] ?? 0) + 1
    if (reason !== undefined) this.reasons[reason] = (this.reasons[reason] ?? 0) + 1
  }

  checked ({ bytes, gaps, missing }: Pick<Verdict, 'bytes' | 'gaps' | 'missing'>): void {
    this.bytes += bytes
    this.gaps += gaps
    this.emptyGaps += missing.filter(count => count === 0).length
    this.largestGap = Math.max(this.largestGap, ...missing)
  }

  wrong (kind: Wrong, what: string): void { this.wrongs[kind].push(what) }

  get isClean (): boolean { return Object.values(this.wrongs).every(list => list.length === 0) }

  get text (): string {
    return [
      `seed ${this.seed}: ${this.rounds} rounds (${counts(this.strikes)})`,
      `${this.tasks} tasks (${counts(this.ends)})`,
      ...Object.entries(this.reasons).map(([reason, count]) => `  ${count} ${reason}`),
      `${this.bytes} bytes checked, ${this.gaps} gaps, each of them marked: ${this.emptyGaps} with nothing missing, the largest ${this.largestGap} bytes`,
      Object.entries(this.wrongs).map(([kind, list]) => `${kind} ${list.length}`).join(', '),
      ...Object.entries(this.wrongs).flatMap(([kind, list]) => list.map(what => `  ${kind}: ${what}`)),
    ].join('\n')
  }
}

function counts (of: Readonly<Record<string, number>>): string {
  return Object.entries(of).map(([name, count]) => `${count} ${name}`).join(', ') || 'none'
}
