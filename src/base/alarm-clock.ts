/** Takes an alarm back. Again, or after it rang, is harmless. */
export type Cancel = () => void

/** Any number of alarms on one timer. */
export interface AlarmClock {
  /** Calls `ring` in `ms`; it must not throw. */
  in (ms: number, ring: (lateMs: number) => void): Cancel
  /** Rings no more. */
  close (): void
}

interface Alarm { readonly atMs: number, ring: ((lateMs: number) => void) | undefined }

/** The longest wait that setTimeout knows; more overflows and fires at once. */
const maxWaitMs = 2 ** 31 - 1

/** Of alarms taken back, so many may lie about before the heap is tidied. */
const litterLimit = 1000

/** A heap by time. The timer does not keep the process alive. */
export function alarmClock (now: () => number = () => performance.now()): AlarmClock {
  let heap: Alarm[] = []
  let litter = 0
  let timer: NodeJS.Timeout | undefined

  function setTimer (): void {
    clearTimeout(timer)
    timer = undefined
    const [first] = heap
    if (first === undefined) return
    timer = setTimeout(ringAll, Math.min(maxWaitMs, Math.max(0, Math.ceil(first.atMs - now()))))
    timer.unref()
  }

  function ringAll (): void {
    const timeMs = now()
    for (let first = heap[0]; first !== undefined && first.atMs <= timeMs; first = heap[0]) {
      pop(heap)
      const { ring } = first
      first.ring = undefined
      if (ring === undefined) litter--
      ring?.(timeMs - first.atMs)
    }
    setTimer()
  }

  /** An alarm that is taken back stays in its place without what it would have called, until its time or until there are too many of them. */
  function takeBack (alarm: Alarm): void {
    if (alarm.ring === undefined) return
    alarm.ring = undefined
    if (++litter <= Math.max(litterLimit, heap.length / 2)) return
    heap = heap.filter(({ ring }) => ring !== undefined).sort((a, b) => a.atMs - b.atMs)
    litter = 0
    setTimer()
  }

  return {
    in (ms, ring) {
      const alarm: Alarm = { atMs: now() + ms, ring }
      push(heap, alarm)
      if (heap[0] === alarm) setTimer()
      return () => { takeBack(alarm) }
    },
    close () {
      heap = []
      litter = 0
      setTimer()
    },
  }
}

function push (heap: Alarm[], alarm: Alarm): void {
  let at = heap.push(alarm) - 1
  for (let above = (at - 1) >> 1; at > 0 && timeAt(heap, above) > alarm.atMs; above = (at - 1) >> 1) {
    swap(heap, at, above)
    at = above
  }
}

function pop (heap: Alarm[]): void {
  swap(heap, 0, heap.length - 1)
  heap.pop()
  for (let at = 0; ;) {
    const left = 2 * at + 1
    const below = timeAt(heap, left + 1) < timeAt(heap, left) ? left + 1 : left
    if (timeAt(heap, at) <= timeAt(heap, below)) return
    swap(heap, at, below)
    at = below
  }
}

/** Where there is none it is never. */
function timeAt (heap: readonly Alarm[], at: number): number {
  return heap[at]?.atMs ?? Infinity
}

function swap (heap: Alarm[], a: number, b: number): void {
  const [first, second] = [heap[a], heap[b]]
  if (first !== undefined && second !== undefined) [heap[a], heap[b]] = [second, first]
}
